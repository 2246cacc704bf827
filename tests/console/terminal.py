"""What the console's end-to-end tests share: a private tmux server, TAP lines, an agent of a test's
own. Nothing is timed: every wait is for something to be on the screen, with a generous end."""
import atexit, os, pathlib, re, signal, subprocess, sys, tempfile, time

work = pathlib.Path(tempfile.mkdtemp(prefix="ns-console-"))
number, failures = 0, 0
screens, agents = [], []

def check(good, what, shown=""):
    global number, failures
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print(shown, file=sys.stderr)
        print("# the rest would only repeat this", flush=True)
        raise SystemExit(1)

def finish():
    print(f"1..{number}")
    sys.exit(1 if failures else 0)

def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition(): return True
        time.sleep(0.05)
    return False

class Screen:
    """One window of a tmux server of its own."""
    def __init__(self, name, command, folder, rows=24, cols=80, lang="C.UTF-8"):
        screens.append(self)
        self.tmux = ["tmux", "-L", f"ns-{os.getpid()}-{name}", "-f", "/dev/null"]
        env = dict(os.environ, LANG=lang, LC_ALL=lang, PATH=f"{folder}:{os.environ['PATH']}", PS1="READY> ", HISTFILE="")
        env.pop("TMUX", None)
        subprocess.run(self.tmux + ["new-session", "-d", "-x", str(cols), "-y", str(rows), command], env=env, check=True)
    def text(self, style=False):
        return subprocess.run(self.tmux + ["capture-pane", "-p"] + (["-e"] if style else []), capture_output=True, text=True).stdout
    def wait(self, pattern, seconds=20): return until(lambda: re.search(pattern, self.text()), seconds)
    def key(self, *keys): subprocess.run(self.tmux + ["send-keys", *keys], check=True)
    def write(self, text): subprocess.run(self.tmux + ["send-keys", "-l", text], check=True)
    def ask(self, what): return subprocess.run(self.tmux + ["display", "-p", f"#{{{what}}}"], capture_output=True, text=True).stdout.strip()
    def alternate(self): return self.ask("alternate_on")
    def resize(self, cols, rows): subprocess.run(self.tmux + ["resize-window", "-x", str(cols), "-y", str(rows)])
    def shell(self, command):
        """A line for the shell that runs in the window."""
        self.write(command)
        self.key("Enter")
    def close(self): subprocess.run(self.tmux + ["kill-server"], capture_output=True)

def gone(pid):
    try: return pathlib.Path("/proc", str(pid), "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError: return True

def agent_of(home):
    """The process that holds the home's lock, or None."""
    try: pid = int((home / "agent.lock").read_text())
    except (OSError, ValueError): return None
    return None if gone(pid) or "nestsyncd" not in pathlib.Path("/proc", str(pid), "cmdline").read_text() else pid

def stop_agent(home, with_signal=signal.SIGTERM):
    pid = agent_of(home)
    if pid is None: return True
    os.kill(pid, with_signal)
    return until(lambda: gone(pid))

def start_agent(folder, home):
    ready, told = os.pipe()
    agents.append(subprocess.Popen([f"{folder}/nestsyncd", "--home", str(home), "--ready-fd", str(told)], pass_fds=[told], stderr=subprocess.DEVNULL))
    os.close(told)
    with os.fdopen(ready) as pipe: return pipe.read().strip() == "ready"

@atexit.register
def tidy():
    for s in screens: s.close()
    for home in work.glob("*"):
        if agent_of(home) is not None: os.kill(agent_of(home), signal.SIGCONT)
        stop_agent(home)
    for agent in agents:
        if agent.poll() is None: agent.terminate()
        agent.wait()
    subprocess.run(["rm", "-rf", str(work)])
