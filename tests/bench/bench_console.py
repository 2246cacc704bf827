#!/usr/bin/env python3
"""From the key's byte to the last byte of its frame, and what an idle console costs.

bench_console.py NESTSYNC NESTSYNCD-FOLDER [KEYS]: a practice household, the console on a pseudo
terminal of 120x36, keys that move and open things (one frame each), then 20 s without a key.
Prints a line a figure beside its goal; the last line is JSON.
"""
import fcntl, json, os, pathlib, pty, select, shutil, signal, struct, subprocess, sys, tempfile, termios, time

nestsync, folder = sys.argv[1], sys.argv[2]
keys = int(sys.argv[3]) if len(sys.argv) > 3 else 600
home = pathlib.Path(tempfile.mkdtemp(prefix="ns-bench-console-"))
environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", PATH=f"{folder}:{os.environ['PATH']}")
QUIET = 0.02  # nothing more for so long: the frame is whole

def frame(fd, wait):
    """Time of the last byte and number of bytes until the line is quiet."""
    last, count = time.perf_counter(), 0
    while select.select([fd], [], [], QUIET if count else wait)[0]:
        count += len(os.read(fd, 65536))
        last = time.perf_counter()
    return last, count

def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]

def scheduled(pid):
    """Nanoseconds on a processor and waiting for one."""
    on, waiting, _ = pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(on), int(waiting)

def costs(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(stat[11]) + int(stat[12]), int(status["voluntary_ctxt_switches"]), int(status["VmRSS"].split()[0])

def main():
    subprocess.run([nestsync, "demo", "--home", str(home)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    subprocess.run([nestsync, "status", "--home", str(home)], env=environment, stdout=subprocess.DEVNULL, check=True)  # the agent runs
    began = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0: os.execve(nestsync, [nestsync, "--home", str(home)], environment)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    while "MILA".encode() not in seen: seen += os.read(fd, 65536)
    first = (time.perf_counter() - began) * 1000
    while frame(fd, 1.0)[1]: pass
    plan = ["2", "j", "j", "j", "k", "G", "g", "3", "v", "z", "v", "l", "4", "j", "s", "k", "?", "j", "q", "1", "t", "m"]
    times, sizes, steps, work, waits = [], [], [], [], []
    for i in range(keys):
        key, before = plan[i % len(plan)], scheduled(pid)
        start = time.perf_counter()
        os.write(fd, key.encode())
        last, count = frame(fd, 0.5)
        if count:
            times.append((last - start) * 1000)
            sizes.append(count)
            if key in "jk": steps.append(count)
            after = scheduled(pid)
            work.append((after[0] - before[0]) / 1e6)
            waits.append((after[1] - before[1]) / 1e6)
        time.sleep(0.003)
    while frame(fd, 31.0)[1]: pass  # half a minute after the last key nobody is taken to look
    ticks, switches, resident = costs(pid)
    minute = time.time() // 60
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if select.select([fd], [], [], end - time.monotonic())[0]: os.read(fd, 65536)
    minutes = int(time.time() // 60 - minute)
    ticks, switches = costs(pid)[0] - ticks, costs(pid)[1] - switches
    os.write(fd, b"q")
    os.waitpid(pid, 0)
    result = {"keys": len(times), "p50_ms": round(share(times, 0.5), 2), "p99_ms": round(share(times, 0.99), 2), "max_ms": round(max(times), 2),
              "work_p50_ms": round(share(work, 0.5), 2), "work_p99_ms": round(share(work, 0.99), 2), "wait_p99_ms": round(share(waits, 0.99), 2), "load": os.getloadavg()[0],
              "bytes_p50": share(sizes, 0.5), "bytes_p99": share(sizes, 0.99), "bytes_step_p50": share(steps, 0.5), "bytes_step_p99": share(steps, 0.99), "first_frame_ms": round(first, 1), "resident_kb": resident,
              "idle_s": 20, "idle_cpu_ticks": ticks, "idle_wakeups": switches, "idle_minutes_turned": minutes}
    print(f"key to last byte of frame   p50 {result['p50_ms']} ms   p99 {result['p99_ms']} ms (goal < 8)   max {result['max_ms']} ms   {len(times)} keys")
    print(f"  of it on a processor      p50 {result['work_p50_ms']} ms   p99 {result['work_p99_ms']} ms;  waiting for one p99 {result['wait_p99_ms']} ms (load {result['load']:.1f} on {os.cpu_count()})")
    print(f"bytes a frame               p50 {result['bytes_p50']}   p99 {result['bytes_p99']};   a step in a list p50 {result['bytes_step_p50']} (goal < 400)   p99 {result['bytes_step_p99']}")
    print(f"start to first frame        {result['first_frame_ms']} ms (goal < 60)")
    print(f"resident                    {resident} KB (goal < 12288)")
    print(f"20 s without a key          {ticks} ticks of CPU (goal 0), {switches} wakeups, {minutes} minute(s) turned over")
    print(json.dumps(result))

def tidy():
    try: os.kill(int((home / "agent.lock").read_text()), signal.SIGTERM)
    except (FileNotFoundError, ValueError, ProcessLookupError): pass
    for _ in range(100):
        if not (home / "endpoint.sock").exists(): break
        time.sleep(0.05)
    shutil.rmtree(home, ignore_errors=True)

try: main()
finally: tidy()
