//! A virtual OpenPGP card: the firmware of a real one (Nitrokey's `opcard`) that answers a reader of
//! vsmartcard over TCP. For tests only: its random numbers start from a constant, so a key that
//! it makes itself is known to everybody. Keys are brought to it.
//!
//! `secpack-test-card ADDRESS FILE SERIAL` puts the card that lives in FILE (made when absent) into
//! the reader at ADDRESS. Ending the process pulls it out.

mod apdu;
mod firmware;

use apdu::Apdus;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How often a reader that is not there yet is looked for, and how long between two looks.
const LOOKS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, file, serial] = arguments.as_slice() else {
        return failed("usage: secpack-test-card ADDRESS FILE SERIAL");
    };
    let Ok(serial) = serial.parse::<u32>() else { return failed("SERIAL is a number") };
    let Some(reader) = reader(address) else { return failed(&format!("no reader at {address}")) };
    let ended =
        firmware::with_card(PathBuf::from(file), serial, |card| reader.run(&mut Apdus::new(card)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("the reader at {address}: {error}")),
    }
}

fn reader(address: &str) -> Option<vpicc::Connection> {
    (0..LOOKS).find_map(|_| {
        let reader = vpicc::connect_socket(address).ok();
        if reader.is_none() {
            std::thread::sleep(PAUSE);
        }
        reader
    })
}

fn failed(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::from(2)
}
