"""Run inside a bubble before it becomes ready; prints one JSON list of [name, passed, detail].

Argument 1: JSON with `mounts` (place -> writable), `fsize` (bytes) and `open_files`.
"""
import ctypes, errno, json, os, resource, socket, sys

expected = json.loads(sys.argv[1])
checks = []


def check(name, passed, detail):
    checks.append([name, bool(passed), str(detail)])


def refused(act, *codes):
    """Whether `act` fails with one of these errno values (any, when none is given)."""
    try:
        act()
    except OSError as error:
        return (not codes or error.errno in codes), errno.errorcode.get(error.errno, str(error))
    return False, "it was possible"


def lines(path):
    with open(path) as file:
        return file.read().splitlines()


interfaces = sorted(line.split(":")[0].strip() for line in lines("/proc/net/dev")[2:])
check("only_loopback", interfaces == ["lo"], ", ".join(interfaces))
routes = [line for line in lines("/proc/net/route")[1:] if line.strip()]
check("no_route", not routes, f"{len(routes)} routes")


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        probe.connect(address)


# Documentation addresses (RFC 5737, RFC 3849): nobody is meant to be there, so only a network that
# exists could give another answer than "unreachable".
for family, address in [(socket.AF_INET, ("192.0.2.1", 443)), (socket.AF_INET6, ("2001:db8::1", 443))]:
    passed, detail = refused(lambda: connect(family, address), errno.ENETUNREACH, errno.EADDRNOTAVAIL)
    check(f"no_connection_{'ipv4' if family == socket.AF_INET else 'ipv6'}", passed, detail)
try:
    found = socket.getaddrinfo("example.org", 443)
    check("names_do_not_resolve", False, found)
except socket.gaierror as error:
    check("names_do_not_resolve", True, error)

mounts = {}
for line in lines("/proc/self/mountinfo"):
    fields = line.split(" ")
    mounts[fields[4].replace("\\040", " ")] = "ro" in fields[5].split(",")
base = {"/", "/usr", "/etc", "/opt", "/proc", "/dev", "/dev/pts", "/dev/shm", "/tmp"}
system = ("/proc/", "/dev/")
found = {place for place in mounts if place not in base and not place.startswith(system)}
wanted = set(expected["mounts"])
check("mounts_exact", found == wanted, f"missing {sorted(wanted - found)}, unasked {sorted(found - wanted)}")
granted = set()
for folder, folders, files in os.walk("/data"):
    if folder in wanted:
        granted.add(folder)
        folders.clear()
        continue  # what a granted folder holds was granted
    granted.update(os.path.join(folder, name) for name in files)
check("data_exact", granted == {p for p in wanted if p.startswith("/data/")}, sorted(granted))
read_only = [place for place, writable in expected["mounts"].items() if not writable]
for place in sorted(read_only + ["/", "/usr", "/etc", "/opt", "/data"]):
    target = os.path.join(place, ".selftest") if os.path.isdir(place) else place
    # The permissions of a file that is another's, and a program that runs, are asked before the mount.
    codes = [errno.EROFS] if os.path.isdir(place) else [errno.EROFS, errno.EACCES, errno.ETXTBSY]
    passed, detail = refused(lambda: os.close(os.open(target, os.O_WRONLY | os.O_CREAT)), *codes)
    check(f"read_only:{place}", passed, detail)
for place, writable in sorted(expected["mounts"].items()):
    if writable:
        target = os.path.join(place, ".selftest")
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT))
            os.unlink(target)
            check(f"writable:{place}", True, "written and removed")
        except OSError as error:
            check(f"writable:{place}", False, error)

pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
check("own_processes", len(pids) <= 4 and os.getpid() < 100, f"pids {sorted(pids)}")
check("own_name", os.uname().nodename == "bubble", os.uname().nodename)
check("own_uid", os.getuid() == 1000 and os.getgroups() in ([], [1000]) or
      all(g in (1000, 65534) for g in os.getgroups()), f"uid {os.getuid()}, groups {os.getgroups()}")

status = dict(line.split(":\t", 1) for line in lines("/proc/self/status") if ":\t" in line)
check("no_new_privileges", status["NoNewPrivs"] == "1", status["NoNewPrivs"])
sets = [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
check("no_capabilities", all(int(value, 16) == 0 for value in sets), sets)
check("filters_active", status["Seccomp"] == "2" and int(status.get("Seccomp_filters", 4)) >= 4,
      f"mode {status['Seccomp']}, {status.get('Seccomp_filters', '?')} filters")
libc = ctypes.CDLL(None, use_errno=True)


def unshare():
    if libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


passed, detail = refused(unshare, errno.EPERM)
check("no_new_namespaces", passed, detail)
passed, detail = refused(lambda: socket.socket(40, socket.SOCK_STREAM), errno.EAFNOSUPPORT)
check("no_vsock", passed, detail)
core, fsize, files = (resource.getrlimit(limit)[1] for limit in
                      (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE))
check("limits_present", 0 <= core <= 1 and 0 <= fsize <= expected["fsize"] and 0 < files <= expected["open_files"],
      f"core {core}, fsize {fsize}, nofile {files}")
check("environment_clean", set(os.environ) <= set(expected["environment"]), sorted(os.environ))
json.dump(checks, sys.stdout)
