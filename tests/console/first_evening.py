#!/usr/bin/env python3
"""The first evening and the first change in a real terminal: a private tmux server at 80x24, keys
pressed, screens read, in both languages. Prints TAP.

first_evening.py NESTSYNC NESTSYNCD-FOLDER
"""
import datetime, re, sys, time
from terminal import Screen as Window, check, finish, stop_agent, work

nestsync, folder = sys.argv[1], sys.argv[2]

class Screen(Window):
    def __init__(self, name, command): super().__init__(name, f"{command}; echo ENDED $?; exec cat", folder)
    def type(self, text):
        self.write(text)
        self.wait(re.escape(text[-12:]) if not text.startswith("correct") else ".", 2)
        time.sleep(0.15)

def log_file():
    today, rows = datetime.datetime.now(datetime.timezone.utc).date(), ["date,time,type"]
    for back in range(40, 1, -1):
        for i in range(7): rows.append(f"{today - datetime.timedelta(back)},{6 + 2 * i:02d}:1{back % 10},{'dirty' if i % 3 == 0 else 'wet'}")
    path = work / "log.csv"
    path.write_text("\n".join(rows) + "\n")
    return path

def evening(lang, words):
    home = work / lang
    s = Screen(lang, f"{nestsync} init --home {home}")
    ok = s.wait("1 of 11|1 sur 11|1 de 11")
    if lang == "fr": s.key("Down")
    s.key("Enter")
    check(ok and s.wait(words["home"]), f"{lang}: the language is chosen", s.text())
    s.key("q"); s.key("Down"); s.type("Alex"); s.key("Enter")
    check(s.wait(words["passphrase"]), f"{lang}: province and name are taken", s.text())
    s.type("correct horse battery 9"); s.key("Down"); s.type("correct horse battery 9"); s.key("Enter")
    check(s.wait(words["words"] + r"[\s\S]*24 [a-z]{4}"), f"{lang}: recovery words are shown", s.text())
    shown = {int(a): b for a, b in re.findall(r"(\d+) ([a-z]{4})\b", s.text())}
    s.key("Enter")
    s.wait(words["three"])
    time.sleep(0.3)
    asked = [int(n) for n in re.findall(words["word"] + r" (\d+)", s.text())]
    check(len(shown) == 24 and len(asked) == 3, f"{lang}: three of the 24 are asked for", s.text())
    for i, n in enumerate(asked):
        s.type(shown[n])
        s.key("Down" if i < 2 else "Enter")
    check(s.wait(r"\[ \]"), f"{lang}: consent is asked, nothing is ticked", s.text())
    s.key("Space"); s.key("Enter")
    check(s.wait("7 (of|sur|de) 11"), f"{lang}: consent is given", s.text())
    s.type("Théo"); s.key("Down"); s.type((datetime.date.today() - datetime.timedelta(170)).isoformat())
    for _ in range(4):  # Enter goes from field to field, then on
        s.key("Enter")
        if s.wait("8 (of|sur|de) 11", 1): break
    check(s.wait("8 (of|sur|de) 11"), f"{lang}: the child is made", s.text())
    s.type("60"); s.key("Down"); s.type("SoftNest"); s.key("Enter")
    check(s.wait("9 (of|sur|de) 11"), f"{lang}: stock is on the shelf", s.text())
    s.type(str(log_file())); s.key("Enter")
    check(s.wait("273"), f"{lang}: the file's findings are shown before anything is written", s.text())
    s.key("Enter")
    check(s.wait("11 (of|sur|de) 11"), f"{lang}: the log is in", s.text())
    s.key("Enter")
    check(s.wait(r"THÉO[\s\S]*60"), f"{lang}: Enter opens the console as the last page says", s.text())
    s.key("w")
    check(s.wait(words["logged"]) and s.wait(r"\b59\b"), f"{lang}: one key logs a change and takes a diaper", s.text())
    s.key("u")
    check(s.wait(r"\b60\b"), f"{lang}: u puts it back", s.text())
    s.key("?")
    check(s.wait(words["help"]), f"{lang}: help is there", s.text())
    s.key("Escape")
    s.resize(40, 10)
    check(s.wait("(?i)théo"), f"{lang}: a small window still names the child", s.text())
    s.key("q")
    check(s.wait("ENDED 0") and s.alternate() == "0", f"{lang}: the terminal is given back", s.text())
    s.close()
    stop_agent(home)
    check(not (home / "endpoint.sock").exists(), f"{lang}: the agent ends when asked")

evening("en", {"home": "YOUR HOME", "passphrase": "PASSPHRASE", "words": "RECOVERY WORDS", "three": "THREE OF THE WORDS", "word": "Word", "logged": "Logged Théo", "help": "KEYS"})
evening("fr", {"home": "VOTRE (FOYER|MAISON)", "passphrase": "PHRASE", "words": "MOTS", "three": "TROIS", "word": "Mot", "logged": "Noté Théo", "help": "TOUCHES"})
finish()
