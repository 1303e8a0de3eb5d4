//! Mail servers, and whatever greets at other ports.

use lab::{Dns, Lab, Mail, Service, Tls};

use super::{DOMAIN, Target, endure_all};

fn dns() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "MX", "10 mx.hostile.test")
        .record("mx.hostile.test", "A", "127.0.0.1")
}

#[tokio::test]
async fn a_mail_server_that_does_not_talk_is_not_judged() {
    let faults = [
        Mail::ResetsAfterAccept,
        Mail::DripsGreeting,
        Mail::NeverEndsGreeting,
        Mail::SilentAfterBanner,
        Mail::DropsAtEhlo,
        Mail::ResetsAtEhlo,
        Mail::NeverEndsEhlo,
        Mail::Refuses,
    ];
    let target = |mail: Mail| {
        let lab = Lab::builder().dns(dns()).smtp(mail.clone());
        Target::new(mail, lab).unseen(&["starttls."])
    };
    endure_all(faults.into_iter().map(target).collect()).await;
}

#[tokio::test]
async fn a_mail_server_that_fails_at_tls_has_not_shown_that_its_tls_is_good() {
    let faults = [
        Mail::ResetsAtStartTls,
        Mail::StartTls(Tls::SilentAfterAccept),
        Mail::StartTls(Tls::ResetsAfterAccept),
        Mail::StartTls(Tls::ResetsAtHello),
        Mail::StartTls(Tls::ResetsMidHello),
        Mail::StartTls(Tls::DripsHello),
        Mail::StartTls(Tls::Garbage),
        Mail::StartTls(Tls::EndlessRecords),
    ];
    let target = |mail: Mail| {
        let lab = Lab::builder().dns(dns()).smtp(mail.clone());
        Target::new(mail, lab).unseen(&[
            "starttls.broken-suites",
            "starttls.certificate-",
            "starttls.fails",
            "starttls.no-tls13",
            "starttls.old-tls",
            "starttls.ssl3",
        ])
    };
    endure_all(faults.into_iter().map(target).collect()).await;
}

#[tokio::test]
async fn services_that_never_end_cost_the_deadline_and_no_more() {
    let faults = [Service::Silent, Service::Endless, Service::HangsUp, Service::Drips];
    let target = |service: Service| {
        let ports = [21, 22, 25, 110, 143, 3306, 5432, 6379];
        let dns = dns().record("mail.hostile.test", "A", "127.0.0.1");
        let lab = ports
            .into_iter()
            .fold(Lab::builder().dns(dns), |lab, port| lab.service(port, service.clone()));
        Target::new(service, lab).unseen(&[
            "starttls.",
            "port.mysql-open",
            "port.redis-open",
            "port.ssh-no-post-quantum",
            "port.ssh-terrapin",
            "port.ssh-version-1",
            "port.ssh-weak",
        ])
    };
    endure_all(faults.into_iter().map(target).collect()).await;
}
