# Sourced by ./test: a PostgreSQL of its own on loopback, from Debian's binaries, in a temporary folder.

start_postgres() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  POSTGRES_DIR=$(mktemp -d)
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  local run=()
  # PostgreSQL refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$POSTGRES_DIR"
    run=(setpriv --reuid postgres --regid postgres --clear-groups)
  fi
  POSTGRES_STOP=("${run[@]}" "$bin/pg_ctl" -D "$POSTGRES_DIR/data" -m immediate -w stop)
  (cd "$POSTGRES_DIR" && "${run[@]}" "$bin/initdb" -D "$POSTGRES_DIR/data" -U bulle --auth=trust >/dev/null)
  (cd "$POSTGRES_DIR" && "${run[@]}" "$bin/pg_ctl" -D "$POSTGRES_DIR/data" -w -l "$POSTGRES_DIR/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$POSTGRES_DIR' -c max_connections=400 -c fsync=off" start >/dev/null)
  trap stop_postgres EXIT
  POSTGRES_URL="postgres://bulle@127.0.0.1:$port/postgres"
}

stop_postgres() {
  trap - EXIT
  (cd / && "${POSTGRES_STOP[@]}" >/dev/null) || true
  rm -rf "$POSTGRES_DIR"
}
