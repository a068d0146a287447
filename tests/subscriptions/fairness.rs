//! What one account has waiting holds up nobody else's.

use serde_json::json;

use super::person::{Person, mails, run, tell, visit};
use crate::harness::hub::{TestHub, on_both};

const FROM: &str = "2026-11-22T06:00:00Z";
const TO: &str = "2026-11-22T07:00:00Z";
/// More than a sweep finds of all.
const MANY: usize = 2_500;

#[tokio::test]
async fn thousands_of_webhooks_of_one_account_hide_no_mail_of_another() {
    on_both(async |hub: TestHub| {
        let (greedy, modest) = (
            Person::new(&hub).await,
            Person::of(&hub, "observer@example.org").await,
        );
        let hook = json!([{ "type": "webhook", "url": "https://hooks.example.org/" }]);
        let hook = json!({ "events": ["scheduled"], "channels": hook });
        let hook = greedy.subscribes(&hub, hook).await;
        modest
            .subscribes(&hub, json!({ "events": ["scheduled"] }))
            .await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        app::areas::subscriptions::match_all(&hub.hub)
            .await
            .unwrap();
        // As a replay leaves them: due before the mail.
        let copy = format!(
            "insert into deliveries (id, subscription_id, seq, snapshot_seq, event, channel, \
             activity_id, once_key, late, correction, sample, why, state, next_try_at, message_id, \
             created_at) \
             with recursive n (n) as (select 1 union all select n + 1 from n where n < {MANY}) \
             select {}, subscription_id, seq + n, snapshot_seq, event, channel, activity_id, \
             once_key || n, late, correction, sample, why, state, next_try_at, message_id || n, \
             created_at from deliveries, n where channel = 'webhook'",
            match hub.hub.db.is_sqlite() {
                true => "randomblob(16)",
                false => "gen_random_uuid()",
            }
        );
        assert_eq!(run(&hub, &copy, vec![]).await, MANY as u64);

        tell(&hub).await;

        assert_eq!(mails(&hub).await.len(), 1);
        let of_one = greedy.deliveries(&hub, &hook).await;
        let tried = of_one.iter().filter(|one| one["attempts"] == 1);
        assert!(tried.count() <= 200, "of one account so many at once");
    })
    .await;
}
