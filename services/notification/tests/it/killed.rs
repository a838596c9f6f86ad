//! The real process, killed again and again in the middle of its work.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use voxanne_testkit::{eventually, free_addr};

use crate::stage::{Stage, hasty};

const TEXTS: usize = 40;
const KILLS: usize = 6;

/// The process; it is killed when dropped.
struct Killable(Child);

impl Drop for Killable {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).unwrap();
    }
}

fn spawn(stage: &Stage, grpc: SocketAddr) -> Killable {
    let child = Command::new(env!("CARGO_BIN_EXE_notification"))
        .env_clear()
        .envs(stage.environment(grpc))
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    Killable(child.unwrap())
}

#[tokio::test]
async fn no_text_is_lost_or_sent_twice_however_often_the_process_dies() {
    let (stage, twilio) = Stage::start_with(hasty()).await;
    stage.stop().await;
    let number = |n: usize| format!("+155586753{n:02}");
    for n in 0..TEXTS {
        stage.book(&stage.acme, &number(n)).await;
    }
    for kill in 0..KILLS {
        let grpc = free_addr();
        stage.edge.leads_to(grpc);
        let process = spawn(&stage, grpc);
        // Each time it dies with the work a little further on.
        eventually("some texts are sent", || async {
            twilio.all().await.len() > kill * TEXTS / KILLS / 2
        })
        .await;
        drop(process);
    }
    let grpc = free_addr();
    stage.edge.leads_to(grpc);
    let _process = spawn(&stage, grpc);
    eventually("nothing is under way any more", || async {
        stage.count("state IN ('sent', 'delivered')").await == TEXTS
    })
    .await;
    for n in 0..TEXTS {
        assert_eq!(twilio.taken(&number(n)).await.len(), 1, "{n}");
    }
}
