//! Where the demo listens: at its usual address, or where that is taken, at the next that is free.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::output::say;

/// The usual port.
const USUAL: u16 = 8080;
/// So many ports are tried.
const TRIED: u16 = 20;

/// The address to listen on: the one that was asked for, else the first of the usual ones that is free. What runs at the
/// usual one is said.
pub(super) fn choose(asked: Option<SocketAddr>) -> SocketAddr {
    asked.unwrap_or_else(|| {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, USUAL));
        let free = (USUAL..USUAL + TRIED).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
        match free {
            Some(port) if port != USUAL => {
                let who = who_listens(USUAL).unwrap_or_else(|| "another process".to_owned());
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                say(&format!("{usual} is taken by {who}: the demo listens on {address} (choose with --listen)"));
                address
            }
            Some(_) | None => usual,
        }
    })
}

/// Which process listens on a port, as far as the system tells this user.
fn who_listens(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .find_map(|table| inode_of(&fs::read_to_string(table).ok()?, port))?;
    let socket = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter(|process| process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
        .find_map(|process| {
            let mut open = fs::read_dir(process.path().join("fd")).ok()?.flatten();
            open.find(|file| fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == socket.as_str()))?;
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            Some(format!("{} (process {})", name.trim(), process.file_name().to_string_lossy()))
        })
}

/// The inode of the socket that listens on a port, by a table of the system's.
fn inode_of(table: &str, port: u16) -> Option<String> {
    const LISTENS: &str = "0A";
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        let (_, found) = local.rsplit_once(':')?;
        (*state == LISTENS && u16::from_str_radix(found, 16) == Ok(port)).then(|| (*inode).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_left_and_who_has_it_is_told() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let who = who_listens(port).expect("this process has it");
        assert!(who.contains(&format!("(process {})", std::process::id())), "{who}");
    }

    #[test]
    fn what_was_asked_for_is_taken_as_it_is() {
        let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        assert_eq!(choose(Some(asked)), asked);
    }
}
