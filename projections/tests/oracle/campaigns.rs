//! The ongoing campaigns (SPEC 4.6).

use schemas::{Campaign, Uid, Visibility};
use serde_json::{Value, json};

use super::order::latest;
use super::{Answer, Known, LINK};

impl<'a> Known<'a> {
    /// `GET /v1/campaigns`: by id; exclusive ones only to an approved affiliate.
    pub fn campaigns(&self, uid: Uid, visibility: Option<Visibility>) -> Answer {
        let today = self.now.day();
        let is_approved = self.is_approved_affiliate(uid);
        let shown = self.campaigns_in_force().into_iter().filter(|campaign| {
            let may_see = match campaign.visibility {
                Visibility::Public => true,
                Visibility::Exclusive => is_approved,
            };
            let ongoing = campaign.starts <= today && today <= campaign.ends;
            may_see && ongoing && visibility.is_none_or(|wanted| wanted == campaign.visibility)
        });
        Ok(self.list(shown.map(|campaign| self.campaign_row(uid, campaign)).collect()))
    }

    /// The latest state of each campaign up to now, by id.
    fn campaigns_in_force(&self) -> Vec<&'a Campaign<'static>> {
        let mut ids: Vec<&str> = self.campaign_states().map(|(_, campaign)| &*campaign.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let state = |id: &str| {
            latest(self.campaign_states().filter(|(entry, campaign)| campaign.id == id && self.is_past(entry)))
        };
        ids.into_iter().filter_map(state).map(|(_, campaign)| campaign).collect()
    }

    fn campaign_row(&self, uid: Uid, campaign: &Campaign<'_>) -> Value {
        // A join is something that happened: it counts at any time.
        let joined = self.joins().any(|(_, join)| join.uid == uid && join.campaign_id == campaign.id);
        json!({
            "id": campaign.id,
            "visibility": campaign.visibility,
            "title": campaign.title,
            "description": campaign.description,
            "url": campaign.url,
            "starts": campaign.starts,
            "ends": campaign.ends,
            "joined": joined,
            "share_link": joined.then_some(LINK),
        })
    }
}
