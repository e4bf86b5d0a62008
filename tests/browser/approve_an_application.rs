//! Somebody applies, an operator approves, and the countries open.

use crate::harness::people::HOPEFUL;
use crate::harness::platform::Caller;
use crate::harness::{Looks, walk};

#[test]
fn who_applies_is_approved_with_rates_and_sees_the_countries() {
    for (name, looks) in [("approve", Looks::default()), ("approve-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(HOPEFUL);
            let hopeful = walk.signed_in_with(caller, looks).await;
            hopeful.open("/countries").await;
            assert!(hopeful.shows("main a[href^='/account']").await, "closed, and the way to apply");
            hopeful.open("/account").await;
            hopeful.fill("Message", "I teach <people> to trade").await;
            hopeful.press("Apply").await;
            hopeful.find("[role=status]").await;

            let operator = walk.signed_in_with(Caller::Operator, looks).await;
            operator.open("/operator/applications").await;
            let application = format!("#application-{HOPEFUL}");
            assert!(operator.text_of(&application).await.contains("I teach <people> to trade"));
            operator.press_at(&format!("{application} summary")).await;
            operator.fill("Spot rate", "35").await;
            operator.fill("Futures rate", "25%").await;
            operator.press_at(&format!("{application} button[type=submit]")).await;
            operator.find("[role=status]").await;
            assert!(operator.all(&application).await.is_empty(), "it waits no more");

            let account = walk.platform.get(caller, "/v1/account");
            assert_eq!(account["status"], "approved");
            assert_eq!(account["spot_rate"], "0.35");
            hopeful.open("/countries").await;
            assert!(!hopeful.shows("main a[href^='/account']").await, "they are open");
            hopeful.open("/account").await;
            assert!(hopeful.figures("main").await.iter().any(|figure| figure.value == "0.35"));
        });
    }
}

#[test]
fn a_rate_that_is_none_is_refused_beside_its_field() {
    walk("approve-refused", async |walk| {
        let operator = walk.signed_in(Caller::Operator).await;
        operator.open(&format!("/operator/affiliates/{HOPEFUL}")).await;
        // Past what the browser itself would refuse.
        operator
            .ask::<Option<u8>>("document.querySelectorAll('form').forEach(form => form.noValidate = true)", vec![])
            .await;
        operator.fill("Spot rate", "150").await;
        operator.press("Set the standing").await;
        let wrong = operator.find("[name=spot_rate][aria-invalid=true]").await;
        assert_eq!(wrong.prop("value").await.expect("a property").as_deref(), Some("150"), "what was entered stays");
        assert_eq!(walk.platform.get(Caller::Operator, &format!("/v1/account?uid={HOPEFUL}"))["status"], "none");
    });
}

#[test]
fn an_analyst_and_an_affiliate_are_shown_no_operators_door() {
    walk("operators-doors", async |walk| {
        for caller in [Caller::Analyst, Caller::Affiliate(HOPEFUL)] {
            let window = walk.signed_in(caller).await;
            let cookies = window.cookies().await;
            for page in
                ["", "/ingestion", "/quarantine", "/applications", "/affiliates", "/rules", "/offers", "/campaigns"]
            {
                let path = format!("/operator{page}");
                assert_eq!(walk.platform.fetch(&cookies, &path).status, 403, "{caller:?} at {path}");
            }
        }
    });
}
