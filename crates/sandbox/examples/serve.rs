//! Serves a world until Ctrl-C, with the options of `amictl sandbox`:
//! `serve --listen 127.0.0.1:4599 --world sample --admin 127.0.0.1:0 …`.

use amictl_sandbox::Setup;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut setup = Setup::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let option = argument.strip_prefix("--").ok_or_else(|| format!("`{argument}` is not an option"))?;
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (option, arguments.next().ok_or_else(|| format!("--{option} needs a value"))?),
        };
        setup.set(name, &value)?;
    }
    let running = setup.start().await?;
    println!("{}", running.server.url());
    if let Some(admin) = &running.admin {
        println!("admin {}", admin.url());
    }
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    running.shutdown().await?;
    Ok(())
}
