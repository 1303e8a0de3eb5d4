use lab::{Lab, Service, SshGreeter};

use super::{connect, talk};

#[tokio::test]
async fn services_behave_as_asked() {
    let lab = Lab::builder()
        .service(21, Service::greets("220 hello\r\n"))
        .service(22, Service::Ssh(SshGreeter::current()))
        .service(23, Service::Silent)
        .service(24, Service::Endless)
        .service(26, Service::HangsUp)
        .start()
        .await
        .unwrap();
    assert_eq!(talk(connect(&lab, 21).await, b"", 100).await, b"220 hello\r\n");
    assert_eq!(talk(connect(&lab, 23).await, b"x", 100).await, b"");
    assert_eq!(talk(connect(&lab, 24).await, b"", 3_000).await.len(), 3_000);
    assert_eq!(talk(connect(&lab, 26).await, b"", 100).await, b"");
    let ssh = talk(connect(&lab, 22).await, b"SSH-2.0-test\r\n", 4_000).await;
    let ssh = String::from_utf8_lossy(&ssh).into_owned();
    assert!(ssh.starts_with("SSH-2.0-OpenSSH_10.0\r\n"), "{ssh}");
    assert!(ssh.contains("mlkem768x25519-sha256,curve25519-sha256"), "{ssh}");
}
