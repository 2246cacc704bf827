"""What the scripts of this folder tell and ask: TAP lines, and requests over a home's socket."""
import http.client, pathlib, socket, sys

number, failures = 0, 0

def check(good, what, *facts):
    global number, failures
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        failures += 1
        for fact in facts: print(f"# {str(fact)[:3000]}", flush=True)

def tally():
    print(f"1..{number}", flush=True)
    sys.exit(1 if failures else 0)

def over_socket(folder, method, path, body=None, headers=None, timeout=60):
    """Status and text of one request to the agent of the home in folder."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(timeout)
    connection.sock.connect(str(pathlib.Path(folder, "endpoint.sock")))
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    result = answer.status, answer.read().decode()
    connection.close()
    return result
