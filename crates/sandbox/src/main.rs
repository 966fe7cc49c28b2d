//! `fieldtill-sandbox serve`: the sandbox as a program, for demos and for tests of other
//! programs.

use clap::{Parser, Subcommand};
use sandbox::{KeySource, Sandbox, SandboxConfig, SandboxError};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Plays WeChat Pay, Alipay and the payer's phone. No real money moves.
#[derive(Parser)]
#[command(name = "fieldtill-sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs until it is interrupted.
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Folder of the keys; made at the first start, with merchant.json for the backend.
    #[arg(long)]
    keys: PathBuf,
    /// How others reach it, e.g. http://192.168.1.5:8480; by default the address listened on.
    #[arg(long)]
    public_url: Option<String>,
    /// A cashier that isn't on this computer's loopback and that the phone may open; repeatable.
    #[arg(long)]
    cashier: Vec<String>,
    /// Legal name of the merchant, when keys are made.
    #[arg(long)]
    holder: Option<String>,
    /// Seed of the ids given out; by default another at each start.
    #[arg(long)]
    seed: Option<u64>,
    /// Waits between callback retries are divided by this.
    #[arg(long, default_value_t = 1)]
    retry_divisor: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let Command::Serve(serve) = Cli::parse().command;
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), SandboxError> {
    let defaults = SandboxConfig::default();
    let merchant_file = serve.keys.join("merchant.json");
    let running = Sandbox::start(SandboxConfig {
        listen: serve.listen,
        public_url: serve.public_url,
        keys: KeySource::Folder(serve.keys),
        holder: serve.holder.unwrap_or(defaults.holder),
        seed: serve.seed,
        clock: defaults.clock,
        cashier_origins: serve.cashier,
        retry_divisor: serve.retry_divisor,
    })
    .await?;
    // Whoever started this program reads these lines; once they stand, requests are answered.
    let mut out = std::io::stdout();
    let lines = format!(
        "listening {}\nphone {}/phone\nmerchant {}\n",
        running.public_url(),
        running.public_url(),
        merchant_file.display()
    );
    if out
        .write_all(lines.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        tracing::warn!("nobody reads the standard output");
    }
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "can't hear the interrupt; running until killed");
        std::future::pending::<()>().await;
    }
    running.shutdown().await;
    Ok(())
}
