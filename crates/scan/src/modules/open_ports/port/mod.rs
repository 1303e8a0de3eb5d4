//! What is open, one check a class of service, the dearest first; then what the open ones say.

mod admin_panel_open;
mod camera_open;
mod cassandra_open;
mod cluster_open;
mod couchdb_open;
mod docker_open;
mod elasticsearch_open;
mod etcd_open;
mod exploited_flaw;
mod flawed;
mod ftp_open;
mod further_web_open;
mod imap_in_clear;
mod industrial_open;
mod java_remote_open;
mod known_flaw;
mod kubernetes_open;
mod ldap_open;
mod memcached_open;
mod message_broker_open;
mod mongodb_open;
mod msrpc_open;
mod mssql_open;
mod mysql_open;
mod nfs_open;
mod no_implicit_tls;
mod oracle_open;
mod other_database_open;
mod pop3_in_clear;
mod possible_flaw;
mod postgresql_open;
mod pptp_open;
mod printer_open;
mod proxy_open;
mod rdp_open;
mod redis_open;
mod remote_shell_open;
mod rsync_open;
mod small_service_open;
mod smb_open;
mod ssh_no_post_quantum;
mod ssh_open;
mod ssh_terrapin;
mod ssh_version_1;
mod ssh_weak_cipher;
mod ssh_weak_host_key;
mod ssh_weak_key_exchange;
mod ssh_weak_mac;
mod telnet_open;
mod version_disclosed;
mod vnc_open;
mod winrm_open;
mod x11_open;

use crate::check::Check;

/// What an algorithm less breaks.
const CAREFUL_ALGORITHMS: &str = "Old clients, backups and network gear that know only the others can no \
    longer connect, and a name that the server does not know keeps it from starting: run `sshd -t`, and \
    keep a session open until another one works.";

pub(super) const CHECKS: &[Check] = &[
    exploited_flaw::CHECK,
    rdp_open::CHECK,
    smb_open::CHECK,
    telnet_open::CHECK,
    mysql_open::CHECK,
    postgresql_open::CHECK,
    mssql_open::CHECK,
    oracle_open::CHECK,
    mongodb_open::CHECK,
    redis_open::CHECK,
    memcached_open::CHECK,
    elasticsearch_open::CHECK,
    couchdb_open::CHECK,
    cassandra_open::CHECK,
    etcd_open::CHECK,
    other_database_open::CHECK,
    docker_open::CHECK,
    remote_shell_open::CHECK,
    vnc_open::CHECK,
    x11_open::CHECK,
    industrial_open::CHECK,
    winrm_open::CHECK,
    msrpc_open::CHECK,
    nfs_open::CHECK,
    ldap_open::CHECK,
    rsync_open::CHECK,
    kubernetes_open::CHECK,
    cluster_open::CHECK,
    message_broker_open::CHECK,
    java_remote_open::CHECK,
    proxy_open::CHECK,
    known_flaw::CHECK,
    ssh_open::CHECK,
    ssh_version_1::CHECK,
    ssh_weak_key_exchange::CHECK,
    ssh_weak_cipher::CHECK,
    ssh_terrapin::CHECK,
    ssh_weak_host_key::CHECK,
    ssh_weak_mac::CHECK,
    ssh_no_post_quantum::CHECK,
    ftp_open::CHECK,
    pptp_open::CHECK,
    admin_panel_open::CHECK,
    printer_open::CHECK,
    camera_open::CHECK,
    small_service_open::CHECK,
    pop3_in_clear::CHECK,
    imap_in_clear::CHECK,
    further_web_open::CHECK,
    no_implicit_tls::CHECK,
    possible_flaw::CHECK,
    version_disclosed::CHECK,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::open_ports::services::PORTS;
    use crate::modules::open_ports::{Service, with_open};

    /// What belongs on the internet.
    const MEANT: [Service; 7] = [
        Service::Web,
        Service::Dns,
        Service::Smtp,
        Service::Submission,
        Service::Submissions,
        Service::Imaps,
        Service::Pop3s,
    ];

    #[test]
    fn every_class_of_service_is_judged() {
        for (port, service, _) in PORTS {
            let evidence = with_open(&[*port]);
            let fails = |check: &&Check| {
                let verdict = (check.run)(&evidence);
                verdict.is_ok_and(|verdict| matches!(verdict, crate::check::Verdict::Fail(_)))
            };
            let failed: Vec<_> =
                CHECKS.iter().filter(fails).filter(|check| check.points() > 0).collect();
            let expected = usize::from(!MEANT.contains(service));
            assert_eq!(failed.len(), expected, "port {port}: {failed:?}");
        }
    }
}
