//! Who is at the other end: the address that sent the request, or the one for which a trusted proxy
//! passes it on. The limits of attempts and the record of who took a release go by it.
//!
//! Threat: whoever sends a request can write any `X-Forwarded-For`, to escape the limits or to put
//! somebody else's address into the record. So the header is read only where it comes from an
//! address that the operator trusts (`trusted_proxies`), and from the right: each proxy adds the
//! address that it saw at the end, and the first one that is not a trusted proxy's is the client's,
//! whatever stands before it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use workflows::Network;

use crate::app::App;

/// The address at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub IpAddr);

/// The address of a request, as text; empty where there is no connection.
pub(crate) fn address(request: &Request) -> String {
    request.extensions().get::<Peer>().map_or_else(String::new, |peer| peer.0.to_string())
}

/// Finds out who is at the other end.
pub(crate) async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(socket)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let trusted = &app.centre.config.trusted_proxies;
        let client = client(socket.ip(), request.headers(), trusted);
        request.extensions_mut().insert(Peer(client));
    }
    next.run(request).await
}

/// Goes back through the proxies as long as they are trusted. What cannot be read ends the walk at
/// the proxy that sent it: then its clients share one limit, and none escapes it.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    // Several headers of one name are one list, in their order (RFC 9110 5.3).
    let values = headers.get_all("x-forwarded-for").iter();
    let text: Vec<&str> = values.map(|value| value.to_str().unwrap_or_default()).collect();
    let mut hops = text.iter().flat_map(|value| value.split(',')).rev();
    let mut client = peer.to_canonical();
    while trusted.iter().any(|network| network.contains(client)) {
        match hops.next().and_then(read) {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

/// An address as proxies write it: alone, with a port, in brackets.
fn read(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|one| one.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    const PROXIES: [&str; 2] = ["10.0.0.0/8", "2001:db8::1"];

    #[test]
    fn a_header_from_an_untrusted_address_is_ignored() {
        assert_eq!(found("203.0.113.9", &["198.51.100.1"], &PROXIES), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &["198.51.100.1"], &[]), "10.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_s_client_is_the_last_untrusted_address() {
        assert_eq!(found("10.0.0.1", &["198.51.100.1"], &PROXIES), "198.51.100.1");
        let chain = "198.51.100.1, 2001:db8::1, 10.0.0.2";
        assert_eq!(found("10.0.0.1", &[chain], &PROXIES), "198.51.100.1");
        assert_eq!(found("::ffff:10.0.0.1", &["198.51.100.1"], &PROXIES), "198.51.100.1");
    }

    #[test]
    fn what_a_client_wrote_before_the_proxy_changes_nothing() {
        let spoofed = "192.0.2.66, 198.51.100.1";
        assert_eq!(found("10.0.0.1", &[spoofed], &PROXIES), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.7, 198.51.100.1"], &PROXIES), "198.51.100.1");
        let two = ["192.0.2.66", "198.51.100.1"];
        assert_eq!(found("10.0.0.1", &two, &PROXIES), "198.51.100.1", "two headers");
    }

    #[test]
    fn what_cannot_be_read_ends_at_the_proxy_that_sent_it() {
        for nonsense in ["", "unknown", "198.51.100.1, _hidden", "198.51.100.1,"] {
            assert_eq!(found("10.0.0.1", &[nonsense], &PROXIES), "10.0.0.1", "{nonsense}");
        }
        assert_eq!(found("10.0.0.1", &[], &PROXIES), "10.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_left_out() {
        for form in ["198.51.100.1:4711", "198.51.100.1"] {
            assert_eq!(found("10.0.0.1", &[form], &PROXIES), "198.51.100.1");
        }
        for form in ["[2001:db8::9]:4711", "[2001:db8::9]", "2001:db8::9"] {
            assert_eq!(found("10.0.0.1", &[form], &PROXIES), "2001:db8::9");
        }
    }
}
