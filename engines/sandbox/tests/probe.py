#!/usr/bin/env python3
"""Escape and leak probes, run inside a bubble: one line `PASS name detail` or `FAIL name detail`
for each, exit code 1 when one failed. Each tries a real way out or a real leak.

Arguments: JSON with what the host knows and the bubble must not reach: `secret` (a file on the
host), `port` (a listener on the host's loopback), `abstract` (an abstract UNIX socket on the host),
`pid` (a process on the host), `fsize` (bytes), `heavy` (whether to try the ceilings).
"""
import ctypes, errno, fcntl, glob, json, mmap, os, resource, signal, socket, stat, struct, subprocess, sys, time

host = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
probes = []
CLONE = 56


def probe(function):
    probes.append(function)
    return function


def call(number, *arguments):
    """A raw system call: its result, or minus its errno."""
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[
        argument if isinstance(argument, (bytes, type(None), ctypes.Array)) else ctypes.c_long(argument)
        for argument in arguments])
    if number == CLONE and result == 0:
        # A clone that was not refused: this is the second process, which must not probe on.
        os._exit(0)
    return -ctypes.get_errno() if result == -1 else result


def name_of(result):
    return errno.errorcode.get(-result, str(result)) if result < 0 else f"answered {result}"


def refused_call(number, codes, *arguments):
    result = call(number, *arguments)
    return -result in codes, name_of(result)


def refused(act, *codes):
    try:
        value = act()
    except OSError as error:
        return not codes or error.errno in codes, errno.errorcode.get(error.errno, str(error))
    return False, f"was possible: {value!r}"[:120]


def read(path, size=1 << 16):
    with open(path, "rb") as file:
        return file.read(size)


DENIED = {errno.EPERM}


def denied(name, number, *arguments, codes=DENIED):
    """A probe of a call that the first or second filter must refuse."""
    def function():
        return refused_call(number, codes, *arguments)
    function.__name__ = name
    probes.append(function)


# x86-64 numbers; the same from 424 on everywhere.
if os.uname().machine == "x86_64":
    for title, number, *arguments in [
        ("keyring_add", 248, b"user", b"x", b"y", 1, -3), ("keyring_request", 249, b"user", b"x", None, 0),
        ("keyring_search", 250, 10, -3, b"user", b"x", 0), 
        ("process_vm_read", 310, 1, None, 0, None, 0, 0), ("process_vm_write", 311, 1, None, 0, None, 0, 0),
        ("kcmp", 312, 1, 1, 0, 0, 0), ("perf_event", 298, None, 0, -1, -1, 0), ("bpf", 321, 0, None, 0),
        ("userfaultfd", 323, 0), ("open_by_handle", 304, -1, None, 0), ("name_to_handle", 303, -100, b"/usr", None, None, 0),
        ("fanotify", 300, 0, 0), ("quotactl", 179, 0, None, 0, None), ("accounting", 163, None),
        ("swap_on", 167, b"/tmp/x", 0), ("reboot", 169, 0, 0, 0, None), ("load_module", 175, None, 0, b""),
        ("load_module_file", 313, 0, b"", 0), ("unload_module", 176, b"x", 0), ("kexec", 246, 0, 0, None, 0),
        ("kexec_file", 320, -1, -1, 0, None, 0), ("mount", 165, b"none", b"/tmp", b"tmpfs", 0, None),
        ("unmount", 166, b"/tmp", 2), ("pivot_root", 155, b"/", b"/tmp"), ("chroot", 161, b"/"),
        ("set_namespace", 308, 0, 0), ("set_host_name", 170, b"x", 1), ("set_domain_name", 171, b"x", 1),
        ("kernel_log", 103, 3, None, 0), ("set_time", 164, None, None), ("set_clock", 227, 0, None),
        ("adjust_time", 159, None), ("io_ports", 172, 3), ("io_port_range", 173, 0, 1, 1),
        ("local_descriptors", 154, 0, None, 0), ("move_pages", 279, 1, 0, None, None, None, 0),
        ("migrate_pages", 256, 1, 0, None, None), ("bind_memory", 237, None, 0, 0, None, 0, 0),
        ("open_tree", 428, -100, b"/", 1), ("move_mount", 429, -1, b"", -100, b"/tmp", 4),
        ("fsopen", 430, b"tmpfs", 0), ("fspick", 433, -100, b"/", 0), ("mount_setattr", 442, -100, b"/", 0, None, 0),
        ("pidfd_getfd", 438, -1, 0, 0), ("secret_memory", 447, 0),
    ]:
        denied(title, number, *arguments)
    for title, number, *arguments in [
        ("io_uring_setup", 425, 1, None), ("io_uring_enter", 426, -1, 0, 0, 0, None, 0),
        ("io_uring_register", 427, -1, 0, None, 0), ("clone3", 435, None, 0), ("openat2", 437, -100, b"/", None, 0),
        ("unknown_future_call", 900), ("x32_numbering", 0x40000000 + 39),
    ]:
        denied(title, number, *arguments, codes={errno.ENOSYS})
    for title, flag in [("user", 0x10000000), ("mount", 0x20000), ("network", 0x40000000), ("pid", 0x20000000),
                        ("ipc", 0x8000000), ("uts", 0x4000000), ("cgroup", 0x2000000), ("time", 0x80)]:
        denied(f"unshare_{title}", 272, flag)
        if title != "time":
            denied(f"clone_new_{title}", 56, flag | signal.SIGCHLD, 0, 0, 0, 0)


@probe
def tracing():
    # In a child: a process that is traced stops at its next signal.
    pid = os.fork()
    if pid == 0:
        os._exit(0 if call(101, 0, 0, 0, 0) == -errno.EPERM else 1)
    status = os.waitpid(pid, 0)[1]
    return status == 0, f"status {status}"


@probe
def i386_calls_are_killed():
    # int 0x80 with eax = 20 (getpid of i386): another numbering, past every filter of numbers.
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
    if os.uname().machine != "x86_64":
        return True, "not this processor"
    pid = os.fork()
    if pid == 0:
        memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        memory.write(code)
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return os.WIFSIGNALED(status), f"status {status}"


def family(name, number, kind=socket.SOCK_STREAM, protocol=0):
    def function():
        return refused(lambda: socket.socket(number, kind, protocol), errno.EAFNOSUPPORT, errno.EPERM)
    function.__name__ = f"socket_{name}"
    probes.append(function)


for name, number in [("vsock", 40), ("packet", 17), ("crypto", 38), ("bluetooth", 31), ("can", 29), ("xdp", 44),
                     ("tipc", 30), ("key", 15), ("rds", 21), ("nfc", 39), ("smc", 43), ("kcm", 41)]:
    family(name, number, socket.SOCK_RAW if name == "packet" else socket.SOCK_STREAM)
family("raw_ipv4", socket.AF_INET, socket.SOCK_RAW, 1)
family("raw_ipv6", socket.AF_INET6, socket.SOCK_RAW, 58)
family("raw_cloexec", socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 255)
family("netlink_audit", 16, socket.SOCK_RAW, 9)
family("netlink_uevent", 16, socket.SOCK_RAW, 15)
family("netlink_netfilter", 16, socket.SOCK_RAW, 12)


@probe
def socket_pair_of_vsock():
    return refused_call(53, {errno.EAFNOSUPPORT}, 40, 1, 0, (ctypes.c_int * 2)())


@probe
def only_loopback():
    names = [line.split(b":")[0].strip() for line in read("/proc/net/dev").splitlines()[2:]]
    return names == [b"lo"], names


@probe
def no_way_out():
    outs = []
    for address in ["192.0.2.1", "1.1.1.1", "169.254.169.254", "10.0.0.1"]:
        with socket.socket() as out:
            out.settimeout(2)
            outs.append(refused(lambda: out.connect((address, 80)), errno.ENETUNREACH))
    return all(ok for ok, _ in outs), outs


@probe
def no_datagram_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        return refused(lambda: out.sendto(b"x", ("1.1.1.1", 53)), errno.ENETUNREACH)


@probe
def hosts_loopback_is_another():
    with socket.socket() as out:
        out.settimeout(2)
        return refused(lambda: out.connect(("127.0.0.1", host["port"])), errno.ECONNREFUSED)


@probe
def hosts_abstract_socket_is_unreachable():
    with socket.socket(socket.AF_UNIX) as out:
        return refused(lambda: out.connect("\0" + host["abstract"]), errno.ECONNREFUSED)


@probe
def names_do_not_resolve():
    try:
        return False, socket.getaddrinfo("example.org", 80)
    except socket.gaierror as error:
        return True, error


@probe
def host_processes_are_invisible():
    comm = [read(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit()]
    return len(comm) < 10, len(comm)


@probe
def host_process_cannot_be_signalled():
    return refused(lambda: os.kill(host["pid"], 0), errno.ESRCH, errno.EPERM) if host["pid"] > 1000 else (True, "")


@probe
def first_process_environment_is_empty():
    names = [part.split(b"=")[0] for part in read("/proc/1/environ").split(b"\0") if part]
    return set(names) <= {b"PATH"}, names


@probe
def first_process_arguments_show_no_host_path():
    text = read("/proc/1/cmdline")
    options = text.split(b"\0--\0")[0]
    return options.count(b"/") <= 3 and host["secret"].encode() not in options, options


@probe
def own_environment_is_clean():
    wanted = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "PWD", "LC_CTYPE", "OLDPWD", "_", "SHLVL"}
    return set(os.environ) <= wanted, set(os.environ) - wanted


@probe
def no_inherited_descriptor():
    odd = []
    for process in ["self", "1"]:
        for fd in os.listdir(f"/proc/{process}/fd"):
            try:
                target = os.readlink(f"/proc/{process}/fd/{fd}")
            except OSError:
                continue
            if int(fd) > 2 and not target.startswith(("/proc/", "anon_inode:[eventfd]")) and target != "/project/probe.py":
                odd.append((process, fd, target))
    return not odd, odd


@probe
def first_process_is_not_a_door():
    return refused(lambda: os.listdir("/proc/1/root/") if os.path.realpath("/proc/1/root") != "/" else
                   (_ for _ in ()).throw(OSError(errno.EACCES, "the same root")))


@probe
def secret_of_the_host_is_not_there():
    return refused(lambda: read(host["secret"]), errno.ENOENT)


@probe
def root_of_the_filesystem_is_the_bubbles():
    extra = set(os.listdir("/")) - {"bin", "sbin", "lib", "lib64", "usr", "etc", "opt", "proc", "dev", "tmp", "data", "home",
                                   "project", "imports", "exports", "scratch", "run"}
    return not extra, extra


@probe
def accounts_are_the_images():
    names = [line.split(b":")[0] for line in read("/etc/passwd").splitlines()]
    return names == [b"root", b"researcher", b"nobody"], names


@probe
def no_password_hashes_or_keys():
    found = [path for path in ["/etc/shadow", "/etc/gshadow", "/etc/ssl/private", "/root", "/var", "/etc/ssh"] if os.path.exists(path)]
    return not found, found


@probe
def no_sys():
    return not os.path.exists("/sys/kernel"), "/sys"


@probe
def no_device_of_the_host():
    wanted = {"null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx", "shm", "fd", "stdin", "stdout", "stderr", "core", "console"}
    return set(os.listdir("/dev")) <= wanted, set(os.listdir("/dev")) - wanted


def read_only(place):
    def function():
        target = os.path.join(place, ".probe") if os.path.isdir(place) else place
        return refused(lambda: open(target, "w"), errno.EROFS, errno.EACCES)
    function.__name__ = "read_only" + place.replace("/", "_")
    probes.append(function)


for place in ["/", "/usr", "/usr/bin", "/etc", "/opt/python", "/data", "/dev", "/imports", "/proc/sys/kernel/core_pattern",
              "/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/run"] + glob.glob("/data/*"):
    if os.path.exists(place) and place != "/proc/1/oom_score_adj":
        read_only(place)


@probe
def data_cannot_be_changed_in_place():
    bad = []
    for path in glob.glob("/data/*/*"):
        for act in [lambda: open(path, "r+"), lambda: os.unlink(path), lambda: os.rename(path, path + "x"),
                    lambda: os.truncate(path, 0), lambda: os.utime(path), lambda: os.link(path, "/tmp/hard")]:
            ok, detail = refused(act)
            bad += [] if ok else [(path, detail)]
    return not bad and glob.glob("/data/*/*"), bad


@probe
def a_link_leads_nowhere():
    os.symlink(host["secret"], "/project/link")
    try:
        return refused(lambda: read("/project/link"), errno.ENOENT)
    finally:
        os.unlink("/project/link")


@probe
def ids_are_the_bubbles():
    return (os.getuid(), os.geteuid(), os.getgid()) == (1000, 1000, 1000), (os.getuid(), os.getgid())


@probe
def no_further_groups():
    return set(os.getgroups()) <= {1000, 65534}, os.getgroups()


@probe
def cannot_become_root():
    return refused(lambda: os.setuid(0), errno.EPERM, errno.EINVAL)


@probe
def no_capability_in_any_set():
    sets = [line for line in read("/proc/self/status").splitlines() if line.startswith(b"Cap")]
    return all(int(line.split()[1], 16) == 0 for line in sets), sets


@probe
def no_new_privileges():
    return b"NoNewPrivs:\t1" in read("/proc/self/status"), ""


@probe
def four_filters():
    return b"Seccomp_filters:\t4" in read("/proc/self/status"), ""


@probe
def host_name_is_the_bubbles():
    return os.uname().nodename == "bubble", os.uname().nodename


@probe
def no_set_id_program():
    found = [path for folder in ["/usr/bin", "/usr/sbin", "/usr/lib"] for path, _, names in os.walk(folder)
             for name in names if os.lstat(os.path.join(path, name)).st_mode & 0o6000 and not os.path.islink(os.path.join(path, name))]
    return not found, found


def on_file(act):
    path = "/project/.bits"
    open(path, "w").close()
    try:
        return refused(lambda: act(path), errno.EPERM)
    finally:
        os.unlink(path)


@probe
def set_uid_bit():
    return on_file(lambda path: os.chmod(path, 0o4755))


@probe
def set_gid_bit():
    return on_file(lambda path: os.chmod(path, 0o2755))


@probe
def set_id_bit_by_handle():
    def act(path):
        with open(path) as file:
            os.fchmod(file.fileno(), 0o6755)
    return on_file(act)


@probe
def set_id_bit_by_fchmodat2():
    def act(path):
        result = call(452, -100, path.encode(), 0o4755, 0)
        if result < 0:
            raise OSError(-result, "fchmodat2")
    return on_file(act)


@probe
def set_id_bit_by_creation():
    return refused(lambda: os.open("/project/.made", os.O_CREAT | os.O_WRONLY, 0o4755), errno.EPERM)


@probe
def character_device():
    return refused(lambda: os.mknod("/project/.null", stat.S_IFCHR | 0o666, os.makedev(1, 3)), errno.EPERM)


@probe
def block_device():
    return refused(lambda: os.mknod("/project/.disk", stat.S_IFBLK | 0o666, os.makedev(254, 0)), errno.EPERM)


@probe
def typing_into_a_terminal():
    return refused_call(16, DENIED, 0, 0x5412, b"x")


@probe
def typing_into_a_terminal_with_a_high_bit():
    return refused_call(16, DENIED, 0, 0x100005412, b"x")


@probe
def pasting_into_the_console():
    return refused_call(16, DENIED, 0, 0x541C, b"x")


@probe
def no_controlling_terminal():
    return refused(lambda: open("/dev/tty"), errno.ENXIO, errno.EACCES)


@probe
def core_limit_suppresses_a_pipe_handler():
    limit = resource.getrlimit(resource.RLIMIT_CORE)[1]
    return 0 <= limit <= 1, limit


@probe
def limits_cannot_be_raised():
    def act():
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard + 1))
    try:
        act()
    except (ValueError, OSError) as error:
        return True, error
    return False, "raised"


@probe
def a_huge_sparse_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("/project/.sparse", "w") as file:
        try:
            return refused(lambda: os.truncate("/project/.sparse", 1 << 40), errno.EFBIG)
        finally:
            os.unlink("/project/.sparse")


@probe
def memory_folders_have_a_size():
    sizes = {place: os.statvfs(place) for place in ["/tmp", "/dev/shm", "/home/researcher"]}
    sizes = {place: stat.f_blocks * stat.f_frsize for place, stat in sizes.items()}
    return all(0 < size <= 1 << 30 or place == "/home/researcher" for place, size in sizes.items()), sizes


@probe
def shared_memory_of_the_host():
    listing = read("/proc/sysvipc/shm").splitlines()[1:]
    return not listing and not glob.glob("/dev/mqueue/*"), listing


@probe
def groups_of_the_host_are_hidden():
    paths = [line.split(b":", 2)[2] for line in read("/proc/self/cgroup").splitlines()]
    return all(path == b"/" for path in paths), paths


@probe
def kernel_memory_and_symbols():
    bad = [path for path in ["/proc/kcore", "/proc/kmsg", "/dev/mem", "/proc/keys"] if os.path.exists(path) and
           refused(lambda: read(path, 16))[0] is False and read(path, 16)]
    pointers = {line.split()[0] for line in read("/proc/kallsyms", 4096).splitlines()[:20]}
    return not bad and pointers <= {b"0000000000000000"}, (bad, pointers)


@probe
def an_old_kernel_interface():
    return refused(lambda: open("/proc/sys/vm/drop_caches", "w"))


def in_child(act, seconds=20):
    """Runs `act` in a child and gives its status; kills the child's group after a while."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        try:
            os._exit(act() or 0)
        except BaseException:
            os._exit(99)
    for _ in range(seconds * 20):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


if host["heavy"]:
    @probe
    def a_fork_bomb_is_stopped():
        def act():
            made = []
            for _ in range(host["tasks"] + 200):
                try:
                    pid = os.fork()
                except OSError:
                    break
                if pid == 0:
                    time.sleep(30)
                    os._exit(0)
                made.append(pid)
            for pid in made:
                os.kill(pid, signal.SIGKILL)
            return 0 if len(made) < host["tasks"] + 100 else 1
        status = in_child(act)
        return status == 0, f"status {status}"

    @probe
    def a_memory_hog_is_stopped():
        def act():
            hog = []
            try:
                for _ in range(host["memory"] // (64 << 20) + 8):
                    hog.append(b"\1" * (64 << 20))
            except MemoryError:
                return 0
            return 1
        status = in_child(act, 60)
        killed = status is not None and os.WIFSIGNALED(status)
        return status == 0 or killed, f"status {status}"

failed = 0
for function in probes:
    try:
        passed, detail = function()
    except Exception as error:  # a probe that breaks has shown nothing
        passed, detail = False, f"broke: {error!r}"
    failed += not passed
    print("PASS" if passed else "FAIL", function.__name__, str(detail)[:200].replace("\n", " "), flush=True)
print(f"{len(probes)} probes, {failed} failed")
sys.exit(1 if failed else 0)
