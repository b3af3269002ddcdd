//! Serves a world on a port: `serve 4599 [sample | <number of generated images>]`.

use amictl_sandbox::{Generate, Sandbox, SandboxConfig, Server, ServerConfig, World, generate, sample};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(4599);
    let config = SandboxConfig::default();
    let now = config.clock.now();
    let world = match arguments.next() {
        None => World::new(1),
        Some(what) => match what.parse() {
            Ok(images) => generate(&Generate::images(images, now)),
            Err(_) => sample(now),
        },
    };
    let sandbox = Sandbox::new(world, config);
    let server = Server::start(ServerConfig { listen: ([127, 0, 0, 1], port).into(), sandbox }).await?;
    println!("{}", server.url());
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}
