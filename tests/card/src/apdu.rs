//! Commands that arrive in parts, and answers that leave in parts (ISO 7816-4, 5.3.3 and 5.3.4).
//! The firmware takes and gives whole ones.

use iso7816::{Command, Instruction, Status};
use opcard::{Card, Client};

/// The longest command and answer: what the firmware tells readers that it takes.
const LONGEST: usize = 7609;

/// A card with what is under way between it and the reader.
pub struct Apdus<C: Client> {
    card: Card<C>,
    begun: Option<Command<LONGEST>>,
    unread: Vec<u8>,
}

impl<C: Client> Apdus<C> {
    /// Nothing is under way.
    pub fn new(card: Card<C>) -> Self {
        Self { card, begun: None, unread: Vec::new() }
    }

    fn forget(&mut self) {
        self.begun = None;
        self.unread.clear();
        self.card.reset();
    }

    fn answer(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Status> {
        let part = Command::<LONGEST>::try_from(bytes).map_err(|_| Status::WrongLength)?;
        let Some(command) = self.whole(part)? else { return Ok(with_status(&[], Status::Success)) };
        if command.instruction() != Instruction::GetResponse {
            let mut reply = heapless::Vec::<u8, LONGEST>::new();
            self.unread.clear();
            self.card.handle(command.as_view(), &mut reply)?;
            self.unread.extend_from_slice(&reply);
        }
        Ok(self.next_part(command.expected()))
    }

    /// The command with all parts before this one, once this is the last.
    fn whole(&mut self, part: Command<LONGEST>) -> Result<Option<Command<LONGEST>>, Status> {
        let last = part.class().chain().last_or_only();
        let command = match self.begun.take() {
            Some(mut begun) => {
                begun.extend_from_command(&part).map_err(|_| Status::WrongLength)?;
                begun
            }
            None => part,
        };
        if last {
            return Ok(Some(command));
        }
        self.begun = Some(command);
        Ok(None)
    }

    fn next_part(&mut self, most: usize) -> Vec<u8> {
        let rest = self.unread.split_off(most.min(self.unread.len()));
        let part = std::mem::replace(&mut self.unread, rest);
        match self.unread.len() {
            0 => with_status(&part, Status::Success),
            more => {
                let more = u8::try_from(more).unwrap_or(u8::MAX);
                with_status(&part, Status::MoreAvailable(more))
            }
        }
    }
}

impl<C: Client> vpicc::VSmartCard for Apdus<C> {
    fn power_off(&mut self) {
        self.forget();
    }

    fn reset(&mut self) {
        self.forget();
    }

    fn execute(&mut self, message: &[u8]) -> Vec<u8> {
        self.answer(message).unwrap_or_else(|status| with_status(&[], status))
    }
}

fn with_status(data: &[u8], status: Status) -> Vec<u8> {
    let status: [u8; 2] = status.into();
    [data, &status].concat()
}
