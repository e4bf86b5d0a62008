//! How often one caller and one address may ask.

use api::{Authenticator, HttpOptions, Rate, RateLimits, ServeLimits};
use axum::http::{Method, header};

use crate::server::{Reply, SECRET, Server, bearer, full};

/// Few a second, so that a slow machine gives no more than was at once.
const SLOW: Rate = Rate { per_second: 1, burst: 3 };

async fn limited(rates: RateLimits) -> Server {
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
    let service = HttpOptions { rates, ..HttpOptions::default() };
    Server::bounded(keys, service, ServeLimits::default()).await
}

async fn ask(server: &Server, token: &str, from: &str) -> Reply {
    let request = server.request(Method::GET, "/v1/offers?uid=7").header(header::AUTHORIZATION, token);
    server.send(request.header("x-forwarded-for", from).body(full("")).expect("a request")).await
}

/// How many of so many are answered, the rest being refused in the right form.
async fn answered(server: &Server, times: usize, token: &str, from: &str) -> usize {
    let mut answered = 0;
    for _ in 0..times {
        let reply = ask(server, token, from).await;
        if reply.status == 200 {
            answered += 1;
            continue;
        }
        let seconds: u64 = reply.header("retry-after").parse().expect("seconds");
        assert!((1..=3).contains(&seconds), "{seconds}");
        reply.expect_problem(429, None);
    }
    answered
}

#[tokio::test]
async fn a_caller_that_asks_too_often_waits_and_another_does_not() {
    let server = limited(RateLimits { of_caller: Some(SLOW), of_address: None }).await;
    let (one, other) = (bearer("affiliate", Some(7)), bearer("analyst", None));
    let begun = std::time::Instant::now();
    let taken = answered(&server, 30, &one, "192.0.2.1").await;
    assert!(taken >= 3 && taken <= 4 + begun.elapsed().as_secs() as usize, "{taken}");
    assert_eq!(ask(&server, &other, "192.0.2.1").await.status, 200);
    let metrics = server.get("/metrics").await;
    assert!(metrics.text().contains("tributary_http_rate_refused_total{of=\"caller\"}"), "{}", metrics.text());
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits_whoever_asks_and_probes_are_answered() {
    let server = limited(RateLimits { of_caller: None, of_address: Some(SLOW) }).await;
    let begun = std::time::Instant::now();
    let mut taken = 0;
    for role in ["analyst", "operator", "auditor"].iter().cycle().take(30) {
        // Each with another token: it is the address that counts, as the proxy on this machine tells it.
        taken += answered(&server, 1, &bearer(role, None), "192.0.2.1").await;
    }
    assert!(taken <= 4 + begun.elapsed().as_secs() as usize, "{taken}");
    assert_eq!(ask(&server, &bearer("analyst", None), "192.0.2.2").await.status, 200);
    for _ in 0..20 {
        for probe in ["/healthz", "/readyz", "/metrics"] {
            let request = server.request(Method::GET, probe).header("x-forwarded-for", "192.0.2.1");
            assert_eq!(server.send(request.body(full("")).expect("a request")).await.status, 200, "{probe}");
        }
    }
}
