//! A node that asks for a password, and one that is spoken to over TLS alone and asks for a certificate too: what is published and
//! served there, and what is said where something is not as it has to be.

use std::path::Path;

use crate::daemon_support::cassandra::Cassandra;
use crate::daemon_support::{tributary, wait_for};
use crate::refusals::ledger;

const ASKS_FOR_A_PASSWORD: &[(&str, &str)] = &[("LOCAL_CASSANDRA_AUTH", "1")];
const USER: [(&str, &str); 2] =
    [("TRIBUTARY_CASSANDRA_USER", "cassandra"), ("TRIBUTARY_CASSANDRA_PASSWORD", "cassandra")];

/// The exit code of publishing a ledger to a keyspace, and what is said.
fn publish(data: &Path, address: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let data = data.to_str().expect("a path");
    let output = tributary()
        .args(["publish", "--from-ledger", "--data", data, "--cassandra", address, "--keyspace", "secured"])
        .args(["--replication-factor", "1"])
        .envs(variables.iter().copied())
        .output()
        .expect("the binary can be run");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The node makes its first user some seconds after its first start.
fn published(data: &Path, address: &str, variables: &[(&str, &str)]) {
    wait_for("it is published", 120, || {
        let (code, said) = publish(data, address, variables);
        assert!(code == Some(0) || said.contains("is not taken"), "{said}");
        (code == Some(0)).then_some(())
    });
}

#[test]
fn who_has_no_password_or_a_wrong_one_is_told_so() {
    let Some(node) = Cassandra::asking(ASKS_FOR_A_PASSWORD) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = ledger(folder.path(), "ledger", 1);
    published(&data, &node.address, &USER);
    let (code, said) = publish(&data, &node.address, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it asks who comes: set cassandra.user and cassandra.password"), "{said}");
    let wrong = [USER[0], ("TRIBUTARY_CASSANDRA_PASSWORD", "not-the-password")];
    let (code, said) = publish(&data, &node.address, &wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the user or the password is not taken (cassandra.user, cassandra.password)"), "{said}");
    assert!(!said.contains("not-the-password"), "{said}");
    #[cfg(not(feature = "tls"))]
    {
        let (code, said) = publish(&data, &node.address, &[("TRIBUTARY_CASSANDRA_TLS", "true")]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("TLS to Cassandra: it is asked for (cassandra.tls), but not built in"), "{said}");
    }
    #[cfg(feature = "tls")]
    {
        let (code, said) = publish(&data, &node.address, &[("TRIBUTARY_CASSANDRA_TLS", "true")]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("it speaks no TLS there (cassandra.tls)"), "{said}");
    }
}

#[cfg(feature = "tls")]
mod over_tls {
    use std::io::copy;
    use std::net::{TcpListener, TcpStream};

    use super::{Cassandra, USER, ledger, publish, published, tributary};
    use crate::daemon_support::daemon::Daemon;
    use crate::questions::{cluster, wait_for_positions};

    const ASKS: &[(&str, &str)] = &[("LOCAL_CASSANDRA_AUTH", "1"), ("LOCAL_CASSANDRA_TLS", "mutual")];

    /// Another address that leads to the node, which its certificate does not name.
    fn another_way(port: u16) -> String {
        let listener = TcpListener::bind("127.0.0.2:0").expect("an address");
        let address = listener.local_addr().expect("an address").to_string();
        std::thread::spawn(move || {
            for from in listener.incoming().map_while(Result::ok) {
                let Ok(to) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let ways = [(from.try_clone(), to.try_clone()), (Ok(to), Ok(from))];
                for (from, to) in ways.map(|(from, to)| (from.expect("a socket"), to.expect("a socket"))) {
                    std::thread::spawn(move || copy(&mut &from, &mut &to));
                }
            }
        });
        address
    }

    #[test]
    fn over_tls_all_is_published_and_served_and_what_does_not_fit_is_told() {
        let Some(node) = Cassandra::asking(ASKS) else { return };
        let folder = tempfile::tempdir().expect("a folder");
        let data = ledger(folder.path(), "ledger", 1);
        let (ca, certificate, key) =
            (node.tls_file("ca.pem"), node.tls_file("client.pem"), node.tls_file("client.key"));
        let tls = [
            USER[0],
            USER[1],
            ("TRIBUTARY_CASSANDRA_TLS", "true"),
            ("TRIBUTARY_CASSANDRA_CA_FILE", ca.as_str()),
            ("TRIBUTARY_CASSANDRA_CERTIFICATE_FILE", certificate.as_str()),
            ("TRIBUTARY_CASSANDRA_KEY_FILE", key.as_str()),
        ];
        published(&data, &node.address, &tls);
        // The same by a daemon, and served.
        let daemon = Daemon::ready(&data, &[], &[&tls[..], &cluster(&node.address, "daemons")].concat());
        let serving = Daemon::serve(folder.path(), &[], &[&tls[..], &cluster(&node.address, "daemons")].concat());
        wait_for_positions(&serving, &[daemon.position()]);
        assert_eq!(serving.try_get("/v1/overview?uid=7").expect("an answer").status, 200);

        let refused = |address: &str, variables: &[(&str, &str)], expected: i32, part: &str| {
            let (code, said) = publish(&data, address, variables);
            assert_eq!(code, Some(expected), "{part}: {said}");
            assert!(said.contains(part), "{part}: {said}");
        };
        refused(&node.address, &USER, 1, "perhaps it asks for TLS (cassandra.tls)");
        refused(
            &node.address,
            &tls[..3],
            1,
            "no authority that is trusted signed it; name its authority in cassandra.ca_file",
        );
        refused(&node.address, &tls[..4], 1, "it asks for a certificate that it takes (cassandra.certificate_file");
        let (_, port) = node.address.split_once(':').expect("a port");
        let elsewhere = another_way(port.parse().expect("a port"));
        refused(&elsewhere, &tls, 1, "it has to name the address that the node is reached at");
        let gone = [&tls[..3], &[("TRIBUTARY_CASSANDRA_CA_FILE", "/nowhere/ca.pem")]].concat();
        refused(&node.address, &gone, 2, "/nowhere/ca.pem");
        let other = rcgen::generate_simple_self_signed(vec!["elsewhere.example".to_owned()]).expect("a certificate");
        let other_ca = folder.path().join("other.pem");
        std::fs::write(&other_ca, other.cert.pem()).expect("written");
        let other = [&tls[..3], &[("TRIBUTARY_CASSANDRA_CA_FILE", other_ca.to_str().expect("a path"))]].concat();
        refused(&node.address, &other, 1, "no authority that is trusted signed it");
        let wrong = [&tls[..], &[("TRIBUTARY_CASSANDRA_PASSWORD", "not-the-password")]].concat();
        refused(&node.address, &wrong, 1, "the user or the password is not taken");

        // A daemon and a serving node say it before anything begins.
        for command in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["run", "--listen", "127.0.0.1:0", "--data", "never"]]
        {
            let mut begun = tributary();
            begun
                .args(command)
                .args(["--config", "/dev/null"])
                .envs(cluster(&node.address, "secured"))
                .envs(gone.clone());
            let output = begun.current_dir(folder.path()).output().expect("the binary can be run");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("/nowhere/ca.pem"), "{said}");
        }
    }
}
