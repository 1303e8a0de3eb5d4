//! The ports that are looked at and what is found there by custom (IANA service names, or the
//! product's own default). A greeting outweighs the number, see `greeting`.
//!
//! To add a port: its line in [`PORTS`]. To add a class: a variant of [`Service`] and its check.

use serde::{Deserialize, Serialize};

/// What a port is for, as far as the checks tell services apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Of the site itself.
    Web,
    FurtherWeb,
    Dns,
    Ssh,
    Telnet,
    RemoteShell,
    Ftp,
    SmallService,
    Smtp,
    /// Message submission with STARTTLS.
    Submission,
    /// Message submission with TLS from the start.
    Submissions,
    Pop3,
    Pop3s,
    Imap,
    Imaps,
    Nfs,
    Msrpc,
    Smb,
    Ldap,
    Rsync,
    Proxy,
    Pptp,
    Mssql,
    Oracle,
    Mysql,
    Postgresql,
    Mongodb,
    Redis,
    Memcached,
    Elasticsearch,
    Couchdb,
    Cassandra,
    Etcd,
    OtherDatabase,
    Docker,
    Kubernetes,
    Cluster,
    MessageBroker,
    JavaRemote,
    Rdp,
    Vnc,
    X11,
    Winrm,
    Printer,
    Industrial,
    Camera,
    AdminPanel,
}

/// Port, class, and the name people know.
pub(super) const PORTS: &[(u16, Service, &str)] = &[
    (7, Service::SmallService, "echo"),
    (9, Service::SmallService, "discard"),
    (13, Service::SmallService, "daytime"),
    (17, Service::SmallService, "qotd"),
    (19, Service::SmallService, "chargen"),
    (21, Service::Ftp, "FTP"),
    (22, Service::Ssh, "SSH"),
    (23, Service::Telnet, "Telnet"),
    (25, Service::Smtp, "SMTP"),
    (37, Service::SmallService, "time"),
    (53, Service::Dns, "DNS"),
    (79, Service::SmallService, "finger"),
    (80, Service::Web, "HTTP"),
    (102, Service::Industrial, "Siemens S7"),
    (110, Service::Pop3, "POP3"),
    (111, Service::Nfs, "rpcbind"),
    (135, Service::Msrpc, "Microsoft RPC"),
    (139, Service::Smb, "NetBIOS session"),
    (143, Service::Imap, "IMAP"),
    (389, Service::Ldap, "LDAP"),
    (443, Service::Web, "HTTPS"),
    (445, Service::Smb, "SMB"),
    (465, Service::Submissions, "submissions"),
    (502, Service::Industrial, "Modbus"),
    (512, Service::RemoteShell, "rexec"),
    (513, Service::RemoteShell, "rlogin"),
    (514, Service::RemoteShell, "rsh"),
    (515, Service::Printer, "LPD"),
    (554, Service::Camera, "RTSP"),
    (587, Service::Submission, "submission"),
    (631, Service::Printer, "IPP"),
    (636, Service::Ldap, "LDAPS"),
    (873, Service::Rsync, "rsync"),
    (993, Service::Imaps, "IMAPS"),
    (995, Service::Pop3s, "POP3S"),
    (1080, Service::Proxy, "SOCKS"),
    (1099, Service::JavaRemote, "Java RMI"),
    (1433, Service::Mssql, "Microsoft SQL Server"),
    (1521, Service::Oracle, "Oracle listener"),
    (1723, Service::Pptp, "PPTP"),
    (1883, Service::MessageBroker, "MQTT"),
    (1911, Service::Industrial, "Niagara Fox"),
    (2049, Service::Nfs, "NFS"),
    (2082, Service::AdminPanel, "cPanel"),
    (2083, Service::AdminPanel, "cPanel over TLS"),
    (2086, Service::AdminPanel, "WHM"),
    (2087, Service::AdminPanel, "WHM over TLS"),
    (2181, Service::Cluster, "ZooKeeper"),
    (2222, Service::Ssh, "SSH"),
    (2323, Service::Telnet, "Telnet"),
    (2375, Service::Docker, "Docker"),
    (2376, Service::Docker, "Docker over TLS"),
    (2379, Service::Etcd, "etcd clients"),
    (2380, Service::Etcd, "etcd peers"),
    (2404, Service::Industrial, "IEC 60870-5-104"),
    (3000, Service::FurtherWeb, "web"),
    (3050, Service::OtherDatabase, "Firebird"),
    (3128, Service::Proxy, "HTTP proxy"),
    (3268, Service::Ldap, "global catalogue"),
    (3269, Service::Ldap, "global catalogue over TLS"),
    (3306, Service::Mysql, "MySQL"),
    (3389, Service::Rdp, "Remote Desktop"),
    (4369, Service::MessageBroker, "Erlang port mapper"),
    (4646, Service::Cluster, "Nomad"),
    (4840, Service::Industrial, "OPC UA"),
    (4848, Service::JavaRemote, "GlassFish administration"),
    (5000, Service::FurtherWeb, "web"),
    (5005, Service::JavaRemote, "Java debugger"),
    (5432, Service::Postgresql, "PostgreSQL"),
    (5601, Service::AdminPanel, "Kibana"),
    (5672, Service::MessageBroker, "AMQP"),
    (5900, Service::Vnc, "VNC"),
    (5901, Service::Vnc, "VNC"),
    (5984, Service::Couchdb, "CouchDB"),
    (5985, Service::Winrm, "WinRM"),
    (5986, Service::Winrm, "WinRM over TLS"),
    (6000, Service::X11, "X11"),
    (6001, Service::X11, "X11"),
    (6379, Service::Redis, "Redis"),
    (6443, Service::Kubernetes, "Kubernetes API"),
    (7547, Service::AdminPanel, "CWMP"),
    (7687, Service::OtherDatabase, "Neo4j"),
    (8000, Service::FurtherWeb, "web"),
    (8006, Service::AdminPanel, "Proxmox"),
    (8009, Service::JavaRemote, "AJP"),
    (8080, Service::FurtherWeb, "web"),
    (8081, Service::FurtherWeb, "web"),
    (8086, Service::OtherDatabase, "InfluxDB"),
    (8291, Service::AdminPanel, "MikroTik WinBox"),
    (8443, Service::FurtherWeb, "web over TLS"),
    (8500, Service::Cluster, "Consul"),
    (8529, Service::OtherDatabase, "ArangoDB"),
    (8888, Service::FurtherWeb, "web"),
    (9042, Service::Cassandra, "Cassandra"),
    (9090, Service::AdminPanel, "Cockpit"),
    (9092, Service::MessageBroker, "Kafka"),
    (9100, Service::Printer, "raw printing"),
    (9160, Service::Cassandra, "Cassandra Thrift"),
    (9200, Service::Elasticsearch, "Elasticsearch"),
    (9300, Service::Elasticsearch, "Elasticsearch transport"),
    (10_000, Service::AdminPanel, "Webmin"),
    (10_250, Service::Kubernetes, "kubelet"),
    (10_255, Service::Kubernetes, "kubelet without authentication"),
    (11_211, Service::Memcached, "memcached"),
    (15_672, Service::AdminPanel, "RabbitMQ management"),
    (20_000, Service::Industrial, "DNP3"),
    (26_257, Service::OtherDatabase, "CockroachDB"),
    (27_017, Service::Mongodb, "MongoDB"),
    (27_018, Service::Mongodb, "MongoDB shard"),
    (28_015, Service::OtherDatabase, "RethinkDB"),
    (33_060, Service::Mysql, "MySQL X protocol"),
    (37_777, Service::Camera, "Dahua"),
    (44_818, Service::Industrial, "EtherNet/IP"),
    (61_616, Service::MessageBroker, "ActiveMQ"),
];

/// Returns what is at a port by custom.
pub(super) fn by_number(port: u16) -> Option<(Service, &'static str)> {
    let found = PORTS.iter().find(|(number, ..)| *number == port);
    found.map(|(_, service, name)| (*service, *name))
}

impl Service {
    /// Returns whether the server waits for the client to speak, so that there is no greeting to
    /// wait for.
    pub(super) fn is_client_first(self) -> bool {
        matches!(
            self,
            Self::Web
                | Self::FurtherWeb
                | Self::Dns
                | Self::Submissions
                | Self::Pop3s
                | Self::Imaps
                | Self::AdminPanel
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_stand_once_and_in_order() {
        assert!(PORTS.is_sorted_by(|one, next| one.0 < next.0));
        assert!((100..=120).contains(&PORTS.len()), "{}", PORTS.len());
    }
}
