# Sourced by ./start and ./test: installs what is missing. Debian packages by name, crates and npm
# packages by their lock files; nothing is fetched from anywhere else by a path of ours.

# Each step with the minutes that passed before it.
say() { printf '\n== %d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "This needs root once, to install Debian packages: $*" >&2
    exit 1
  fi
}

# install_debian PACKAGE...: those that are not installed yet.
install_debian() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "Installing Debian packages: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  fi
}

# Rust 1.95 or newer. Debian 12's own is older, and rustup-init in Debian is not in 12: where there is
# no toolchain, say which one is needed and where its installer is described.
install_rust() {
  export PATH="$HOME/.cargo/bin:$PATH"
  if command -v cargo >/dev/null && [ "$(printf '1.95\n%s\n' "$(cargo --version | cut -d' ' -f2)" | sort -V | head -n1)" = 1.95 ]; then
    return
  fi
  if command -v rustup >/dev/null; then
    say "Installing Rust 1.95"
    rustup toolchain install 1.95 --profile minimal -c clippy -c rustfmt
    return
  fi
  say "Installing Rust 1.95 by rustup"
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain 1.95 -c clippy -c rustfmt >&2
}

# Node 18 or newer with npm: Debian 12's own will do.
install_node() {
  command -v node >/dev/null && command -v npm >/dev/null || install_debian nodejs npm
}

# The Python environment that holds the locked package with the demonstration's data; prints its folder.
demo_venv() {
  local venv="${XDG_CACHE_HOME:-$HOME/.cache}/bulle/demo-venv"
  if ! "$venv/bin/python" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("statsmodels") is None)' 2>/dev/null; then
    python3 -m venv "$venv" >&2
    # Only the package's data files are used; its dependencies are not needed.
    "$venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "$1/requirements.txt" >&2
  fi
  echo "$venv"
}

# make_demo_data FOLDER: the public microdata of the demonstration, from the repository's root.
make_demo_data() {
  if [ -e "$1/manifest.json" ]; then return; fi
  say "Making the demonstration's data"
  mkdir -p "$1"
  "$(demo_venv demo)/bin/python" demo/data.py "$1" >&2
}
