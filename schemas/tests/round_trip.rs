//! Laws of reading and writing, over arbitrary events and arbitrary damage.

use proptest::prelude::*;
use schemas::json::{data_value, read_event, write_data, write_event};
use schemas::testing::{damage, event};
use schemas::{EventType, Rejection, Timestamp};
use serde_json::Value;

fn arrived() -> Timestamp {
    Timestamp::parse("2026-03-01T09:31:00Z").expect("a time")
}

fn latest() -> Timestamp {
    arrived().plus_days(1)
}

fn text_of(event: &schemas::Event<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    write_event(event, &mut text);
    text
}

/// What reading gives is sound: an event that can be written and read again, or a reason that reading can have.
fn assert_sound(result: Result<schemas::Event<'_>, Rejection>) -> Result<(), TestCaseError> {
    match result {
        Ok(event) => {
            let text = text_of(&event);
            prop_assert_eq!(read_event(&text, arrived()), Ok(event));
        }
        Err(rejection) => {
            prop_assert_ne!(rejection.reason, schemas::Reason::Conflict);
            prop_assert_eq!(rejection.field.is_some(), rejection.reason == schemas::Reason::InvalidField);
            prop_assert!(!rejection.detail.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_the_same_event(event in event(latest())) {
        let text = text_of(&event);
        prop_assert!(!text.contains(&b'\n'));
        prop_assert_eq!(read_event(&text, arrived()), Ok(event));
    }

    #[test]
    fn the_order_of_keys_and_white_space_change_nothing(event in event(latest())) {
        let value: Value = serde_json::from_slice(&text_of(&event)).expect("JSON");
        // A `Value` keeps its keys in alphabetical order, so that `data` comes before `type`.
        let alphabetical = serde_json::to_vec_pretty(&value).expect("JSON");
        prop_assert_eq!(read_event(&alphabetical, arrived()), Ok(event));
    }

    #[test]
    fn the_data_alone_is_the_data_of_the_whole(event in event(latest())) {
        let value: Value = serde_json::from_slice(&text_of(&event)).expect("JSON");
        let mut data = Vec::new();
        write_data(&event, &mut data);
        prop_assert_eq!(&value["data"], &data_value(&event));
        prop_assert_eq!(serde_json::from_slice::<Value>(&data).expect("JSON"), data_value(&event));
    }

    #[test]
    fn damage_gives_an_event_or_a_reason(event in event(latest()), damages in prop::collection::vec(damage(), 1..4)) {
        let mut text = text_of(&event);
        for damage in &damages {
            damage.apply(&mut text);
        }
        assert_sound(read_event(&text, arrived()))?;
    }

    #[test]
    fn any_bytes_give_an_event_or_a_reason(text in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_sound(read_event(&text, arrived()))?;
    }

    #[test]
    fn any_value_in_any_field_gives_an_event_or_a_reason(
        event_type in prop::sample::select(EventType::ALL),
        field in any::<prop::sample::Index>(),
        json in prop_oneof!["-?[0-9]{1,25}", "-?[0-9]{1,3}\\.[0-9]{1,20}", "\"-?[0-9.]{0,25}\"", "\"[a-z]{0,9}\"", "[0-9]e[0-9]{1,3}"],
    ) {
        let mut sample = schemas::testing::sample(event_type);
        let index = field.index(sample.data.len());
        sample.data[index].1 = json;
        assert_sound(read_event(sample.text().as_bytes(), arrived()))?;
    }
}
