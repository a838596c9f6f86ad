//! Twilio's error codes in words for the people of a clinic.

/// What `code` means; one sentence for all that say nothing a clinic could act on.
pub(crate) const fn words(code: u32) -> &'static str {
    match code {
        20003 => "Twilio refuses the clinic's credentials",
        20005 => "Twilio says that the clinic's account is not active",
        20006 => "Twilio denies the clinic's account access",
        20404 => "Twilio does not know the clinic's account",
        21211 | 21217 | 21604 => "it is not a number that can be texted",
        21614 | 30006 => "the number is a landline or cannot be reached by text",
        21212 | 21603 | 21606 | 21659 => {
            "the clinic's Twilio account does not own its sender number"
        }
        21408 => "the clinic's Twilio account may not text this country",
        21610 => "the recipient has opted out of texts",
        21608 => "the clinic's trial account may text verified numbers only",
        21612 | 21703 | 21704 | 21701 | 21705 => {
            "the clinic's Twilio account has no sender for this number"
        }
        21617 => "the text is too long",
        30001 => "the queue of the clinic's sender was full",
        30002 => "the clinic's Twilio account is suspended",
        30003 => "the phone was off or out of reach",
        30004 => "the recipient or their carrier blocks texts",
        30005 => "the number is not known to any carrier",
        30007 => "a carrier filtered the text",
        30017 | 30022 | 30023 | 30027 => "the carrier's limit for the clinic's sender is reached",
        30032..=30035 => "the clinic's sender is not registered with the carriers",
        30036 => "it could not be delivered in time",
        30410 => "the carrier did not answer",
        30450 => "Twilio blocked the text as suspected abuse",
        30610 | 30640 => "Twilio's quiet hours hold the text back",
        _ => "Twilio did not deliver the text",
    }
}
