#!/usr/bin/env python3
"""What a household must not lose: the terminal after a suspend, a signal or a crash; a change
logged while the agent is away, hangs or dies. Prints TAP.

comes_back.py NESTSYNC NESTSYNCD-FOLDER
"""
import json, os, pathlib, signal, subprocess, sys
from terminal import Screen, agent_of, check, finish, gone, start_agent, stop_agent, until, work

nestsync, folder = sys.argv[1], sys.argv[2]
environment = dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{folder}:{os.environ['PATH']}")

def command(home, *words):
    return subprocess.run([nestsync, *words, "--home", str(home)], capture_output=True, text=True, env=environment)

def logged(home):
    """The family's changes as the agent knows them: (child's name, instant) pairs, repeats and all."""
    found = []
    for child in json.loads(command(home, "children", "--json").stdout)["children"]:
        query = '{getUsageLogs(childId:"%s",daysBack:2,limit:500){edges{node{id loggedAt}}}}' % child["id"]
        answer = json.loads(command(home, "graphql", query).stdout)
        found += [(child["name"], edge["node"]["id"]) for edge in answer["data"]["getUsageLogs"]["edges"]]
    return found

def household(name):
    home = work / name
    home.mkdir()
    made = command(home, "demo")
    check(made.returncode == 0, f"{name}: a practice household is there", made.stdout + made.stderr)
    stop_agent(home)
    return home

class Console:
    """An interactive shell in which the console runs, as a family has it."""
    def __init__(self, name, home):
        self.home = home
        self.s = Screen(name, "bash --norc --noprofile -i", folder)
        self.s.wait("READY>")
        self.before = self.modes()
    def modes(self):
        tty = self.s.ask("pane_tty")
        return subprocess.run(["stty", "-a", "-F", tty], capture_output=True, text=True).stdout
    def run(self, ready=r"● live"):
        self.s.shell(f"clear; {nestsync} --home {self.home}")
        return self.s.wait(ready) and self.s.alternate() == "1"
    def pid(self):
        shell = self.s.ask("pane_pid")
        children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        return int(children[0]) if children else None
    def kill(self, with_signal):
        pid = self.pid()
        os.kill(pid, with_signal)
        return until(lambda: gone(pid))
    def given_back(self):
        """Everything of the terminal is as it was before the console ran."""
        return until(lambda: self.s.alternate() == "0" and self.s.ask("mouse_any_flag") == "0" and
                     self.s.ask("cursor_flag") == "1" and self.modes() == self.before)

def terminal_is_given_back():
    home = household("terminal")
    c = Console("terminal", home)
    s = c.s
    check(c.run(), "the console opens", s.text())
    check(s.ask("mouse_any_flag") == "1" and s.ask("cursor_flag") == "0" and c.modes() != c.before, "it has the terminal to itself")
    s.key("C-z")
    check(s.wait("Stopped") and c.given_back(), "C-z gives the shell its terminal back", s.text() + c.modes())
    s.shell("fg")
    check(until(lambda: s.alternate() == "1") and s.wait(r"(?s)NestSync · Home.*MILA.*TO LOOK AT"), "fg brings the whole screen back", s.text())
    check(until(lambda: s.ask("mouse_any_flag") == "1" and s.ask("cursor_flag") == "0"), "and mouse and cursor with it")
    s.key("?")
    check(s.wait("KEYS OF THIS PAGE"), "and keys work", s.text())
    s.key("Escape")
    s.key("C-z")
    s.wait("Stopped")
    s.resize(70, 20)
    s.shell("fg")
    check(s.wait(r"NestSync · Home") and until(lambda: len(s.text().splitlines()) == 20 and "w wet" in s.text().splitlines()[19]), "a window resized meanwhile is drawn at its new size", s.text())
    s.resize(80, 24)
    s.key("q")
    check(c.given_back(), "q gives everything back", s.text())
    for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGSEGV", "SIGABRT", "SIGBUS"):
        check(c.run() and c.kill(getattr(signal, name)) and c.given_back(), f"{name} leaves a clean terminal", s.text() + c.modes())
    c.run()
    s.key("w")
    s.wait("Logged Mila")
    until(lambda: "sending" not in s.text())
    check(c.kill(signal.SIGKILL), "kill -9 ends it")
    s.shell("stty sane; tput rmcup; tput cnorm; printf '\\033[?1000l\\033[?1002l\\033[?1006l\\033[?2004l'; clear")
    check(c.run() and s.wait("MILA"), "after kill -9 the next console opens as ever", s.text())
    s.key("2")
    check(s.wait(r"wet"), "and shows what was logged before", s.text())
    s.key("q")
    c.given_back()
    s.close()
    stop_agent(home)

def agent_dies_and_comes_back():
    home = household("away")
    c = Console("away", home)
    s = c.s
    check(c.run(), "away: the console opens")
    before = logged(home)
    check(stop_agent(home, signal.SIGKILL) and s.wait("○ offline since"), "a killed agent is told in the header", s.text())
    for key in ("w", "d", "b"): s.key(key)
    check(s.wait("3 waiting") and s.wait("kept here and sent later"), "three changes are kept", s.text())
    s.key("2")
    check(s.wait(r"(?s)(waiting.*){4}"), "and each is marked in the log", s.text())
    s.key("u")
    check(s.wait(r"2 waiting"), "u takes back one that waits", s.text())
    s.key("4"); s.key("+")
    s.write("5"); s.key("Enter"); s.write("Test"); s.key("Enter"); s.write("20"); s.key("Enter")
    check(s.wait("this has to wait"), "what cannot wait is refused and says why", s.text())
    s.key("1")
    check(start_agent(folder, home), "away: the agent is started again")
    check(s.wait("● live") and s.wait("2 changes kept here are now with the agent"), "the console finds it and says that all is sent", s.text())
    now = logged(home)
    check(len(set(now) - set(before)) == 2 and len(now) == len(before) + 2, "each change is there exactly once", f"{len(before)} {len(now)}")
    # durable: the console dies before the agent is back
    stop_agent(home, signal.SIGKILL)
    s.wait("○ offline since")
    s.key("t")
    s.key("d")
    check(s.wait("1 waiting"), "a change is kept for the other child", s.text())
    check(c.kill(signal.SIGKILL), "then the console is killed too")
    s.shell("stty sane; tput rmcup; clear")
    check(c.run() and s.wait("change kept here is now with the agent"), "the next console starts the agent and sends it", s.text())
    after = logged(home)
    check(len(after) == len(now) + 1 and len([1 for who, _ in set(after) - set(now) if who == "Théo"]) == 1, "exactly once, for the right child", f"{len(now)} {len(after)}")
    s.key("q")
    c.given_back()
    s.close()
    stop_agent(home)

def agent_hangs():
    home = household("hang")
    c = Console("hang", home)
    s = c.s
    check(c.run(), "hang: the console opens")
    before = logged(home)
    agent = agent_of(home)
    s.key("Right")
    os.kill(agent, signal.SIGSTOP)
    check(s.wait("○ no answer since"), "a hanging agent is told in the header", s.text())
    s.key("w")
    check(s.wait("1 waiting"), "a change logged meanwhile waits", s.text())
    s.key("?")
    check(s.wait("KEYS OF THIS PAGE"), "keys stay alive", s.text())
    s.key("Escape")
    os.kill(agent, signal.SIGCONT)
    check(s.wait("● live") and s.wait("now with the agent"), "it recovers when the agent does", s.text())
    now = logged(home)
    check(len(now) == len(before) + 1, "the change is there once", f"{len(before)} {len(now)}")
    # the agent has the request in its hands, unread, when both sides lose each other
    os.kill(agent, signal.SIGSTOP)
    s.key("d")
    check(s.wait("1 waiting"), "hang: another change waits", s.text())
    check(c.kill(signal.SIGKILL), "hang: the console is killed")
    s.shell("stty sane; tput rmcup; clear")
    s.shell(f"{nestsync} --home {home}")
    check(s.wait("MILA") and s.wait("1 waiting") and s.wait(r"does not answer|doesn.t answer|no answer|not answer"), "the next one opens from the last state and says what is wrong", s.text())
    s.key("b")
    check(s.wait("2 waiting"), "and logs", s.text())
    os.kill(agent, signal.SIGCONT)
    check(until(lambda: (s.key("Right"), "● live" in s.text())[1], 60) and s.wait("now with the agent"), "and finds the agent when it is back", s.text())
    after = logged(home)
    check(len(after) == len(now) + 2 and len(set(after)) == len(after), "what had been sent twice is logged once", f"{len(now)} {len(after)}")
    s.key("q")
    c.given_back()
    s.close()
    stop_agent(home)

terminal_is_given_back()
agent_dies_and_comes_back()
agent_hangs()
finish()
