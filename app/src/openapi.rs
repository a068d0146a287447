//! The OpenAPI 3.1 document: what routes say of themselves, and the shapes they share.
//!
//! Activities are stored and sent as JSON text; their description here is held to the real thing
//! by a test.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::{IntoParams, OpenApi as _, ToSchema};
use uuid::Uuid;

/// The document of this version.
#[must_use]
pub fn document() -> OpenApi {
    let (_, api) = crate::server::api().split_for_parts();
    named(api)
}

/// Names each operation after its method and path: handlers of several areas share their names,
/// and programs that are generated from the document take the name for the whole.
#[must_use]
pub fn named(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let words = path.trim_start_matches("/api").split(['/', '{', '}', '-']);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            }
        }
    }
    document
}

/// What the document says besides its routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Starboard",
        description = "What the world's telescopes are doing: activities, events, live streams.",
    ),
    tags(
        (name = "activities", description = "What telescopes plan, do and did"),
        (name = "live", description = "Events as they happen"),
        (name = "facilities", description = "Telescopes, spacecraft and sites"),
        (name = "sources", description = "Where it comes from, and how fresh it is"),
        (name = "accounts", description = "Who signs in, by what, and what they keep of their own"),
        (name = "subscriptions", description = "Being told of what happens: by mail or webhook"),
        (name = "service", description = "The service itself"),
    ),
    components(schemas(ActivityOut, EnvelopeOut, InstrumentOut, LinkOut, Problem))
)]
struct Head;

/// The document before any route.
#[must_use]
pub fn head() -> OpenApi {
    let mut head = Head::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut head.info.version);
    let components = head.components.get_or_insert_default();
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("token", token);
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("starboard")));
    components.add_security_scheme("session", session);
    // What is public takes neither; what is not answers 401 without.
    let by = |name: &str| SecurityRequirement::new(name, [""; 0]);
    let ways = [SecurityRequirement::default(), by("token"), by("session")];
    head.security = Some(ways.into());
    head
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Stable name of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What a person can act on.
    pub detail: String,
    /// The parameter or field at fault.
    pub field: Option<String>,
    /// What was likely meant.
    pub meant: Option<String>,
}

/// One instrument of an activity.
#[derive(Serialize, ToSchema)]
pub struct InstrumentOut {
    /// Name as the facility spells it.
    pub name: String,
    /// Observing mode.
    pub mode: Option<String>,
    /// Filters and other optical elements.
    pub filters: Vec<String>,
}

/// A page about an activity.
#[derive(Serialize, ToSchema)]
pub struct LinkOut {
    /// What stands there.
    pub title: String,
    /// Where.
    pub url: String,
}

/// An activity. Names and units are those of IVOA ObsCore and ObsLocTAP; unknown is null.
#[derive(Serialize, ToSchema)]
pub struct ActivityOut {
    /// Ours, stable for ever.
    pub id: Uuid,
    /// The connector that told us.
    pub source: String,
    /// Data collection.
    pub obs_collection: String,
    /// Identifier given by the facility.
    pub obs_id: String,
    /// 1, and one more for each new start of the same `obs_id`.
    pub attempt: u32,
    /// The attempt before this one.
    pub repeat_of: Option<Uuid>,
    /// What people call one observation.
    pub group_id: Option<String>,
    /// Grows when planned time, pointing, target or instrument change.
    pub revision: u32,
    /// Place in the log of its newest event.
    pub seq: i64,
    /// `planned`, `scheduled`, `in_progress`, `elapsed`, `performed`, `aborted`, `withdrawn`.
    pub status: String,
    /// How we know: `scheduled` (by plan), `reported`, `archived`.
    pub basis: String,
    /// `science`, `calibration`, `acquisition`, `engineering`.
    pub intent: Option<String>,
    /// `prime`, `coordinated_parallel`, `pure_parallel`.
    pub role: String,
    /// The prime it runs beside.
    pub parallel_of: Option<Uuid>,
    /// Telescope or spacecraft.
    pub facility_name: String,
    /// The telescopes of a combined run.
    pub telescopes: Vec<String>,
    /// Key of the ground site; null in space.
    pub site: Option<String>,
    /// The leading instrument.
    pub instrument_name: Option<String>,
    /// Its mode.
    pub instrument_mode: Option<String>,
    /// All instruments.
    pub instruments: Vec<InstrumentOut>,
    /// Bands.
    pub band: Vec<String>,
    /// Shortest wavelength, metres.
    pub em_min: Option<f64>,
    /// Longest wavelength, metres.
    pub em_max: Option<f64>,
    /// Object observed, as the facility names it.
    pub target_name: Option<String>,
    /// The upstream's own class of target.
    pub target_class: Option<String>,
    /// The upstream's keywords.
    pub keywords: Vec<String>,
    /// `Sidereal`, `Solar-system-object-tracking`, `Fixed-az-el-transit`.
    pub tracking_type: Option<String>,
    /// Right ascension, ICRS degrees.
    pub s_ra: Option<f64>,
    /// Declination, ICRS degrees.
    pub s_dec: Option<f64>,
    /// Diameter of the field, degrees, as published.
    pub s_fov: Option<f64>,
    /// Footprint, ICRS, as published.
    pub s_region: Option<String>,
    /// `Fixed`, `Coordinated`, `Window`, `Other`.
    pub category: Option<String>,
    /// 0, 1 or 2 (2: cannot move).
    pub priority: Option<u8>,
    /// When the plan line was added or last changed.
    pub t_planning: Option<DateTime<Utc>>,
    /// Start, UTC.
    pub t_min: Option<DateTime<Utc>>,
    /// End, UTC.
    pub t_max: Option<DateTime<Utc>>,
    /// What `t_max` says: `planned`, `exact`, `lower_bound`.
    pub t_max_kind: Option<String>,
    /// Uncertainty of the times, seconds; null when unstated.
    pub t_uncertainty: Option<f64>,
    /// Exposure time performed, seconds.
    pub t_exptime: Option<f64>,
    /// Exposure time planned, seconds.
    pub t_plan_exptime: Option<f64>,
    /// Exposures taken so far.
    pub n_exposures: Option<u32>,
    /// When the data become public.
    pub obs_release_date: Option<DateTime<Utc>>,
    /// Programme.
    pub proposal_id: Option<String>,
    /// Its title.
    pub proposal_title: Option<String>,
    /// Its principal investigator.
    pub proposal_pi: Option<String>,
    /// Pages about it.
    pub links: Vec<LinkOut>,
    /// Fields whose text the upstream's format cut off.
    pub truncated: Vec<String>,
    /// Made up for the demo.
    pub demo: bool,
    /// When we first heard of it.
    pub first_seen: DateTime<Utc>,
    /// When we last changed it.
    pub last_changed: DateTime<Utc>,
}

/// One event: the same everywhere.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeOut {
    /// Always `activity`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Place in the log.
    pub seq: i64,
    /// What happened.
    pub event: String,
    /// The world's time of it.
    pub at: DateTime<Utc>,
    /// When we wrote it.
    pub logged: DateTime<Utc>,
    /// News only to us.
    pub backfill: bool,
    /// The activity as it stood right after it.
    pub activity: ActivityOut,
}

/// The filter: different keys must all hold, of the values of a repeated key any may. A trailing
/// `*` makes a prefix where it says so.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "described, not read: the domain's filter reads the pairs"
)]
pub struct FilterParams {
    /// Connector.
    source: Option<Vec<String>>,
    /// `planned`, `scheduled`, `in_progress`, `elapsed`, `performed`, `aborted`, `withdrawn`.
    status: Option<Vec<String>>,
    /// `scheduled`, `reported`, `archived`.
    basis: Option<Vec<String>>,
    /// `science`, `calibration`, `acquisition`, `engineering`, `null`.
    intent: Option<Vec<String>>,
    /// `prime`, `coordinated_parallel`, `pure_parallel`.
    role: Option<Vec<String>>,
    /// `Sidereal`, `Solar-system-object-tracking`, `Fixed-az-el-transit`.
    tracking: Option<Vec<String>>,
    /// `Fixed`, `Coordinated`, `Window`, `Other`.
    category: Option<Vec<String>>,
    /// The upstream's own class of target.
    target_class: Option<Vec<String>>,
    /// `Radio`, `Millimeter`, `Infrared`, `Optical`, `UV`, `EUV`, `X-ray`, `Gamma-ray`.
    band: Option<Vec<String>>,
    /// Key of a ground site.
    site: Option<Vec<String>>,
    /// `ground` or `space`.
    class: Option<Vec<String>>,
    /// Telescope or one of its other names; prefix.
    facility: Option<Vec<String>>,
    /// Name or mode of any of its instruments; prefix.
    instrument: Option<Vec<String>>,
    /// Programme, or `COLLECTION/programme`; prefix.
    proposal: Option<Vec<String>>,
    /// Target by name or designation; prefix.
    target: Option<Vec<String>>,
    /// Words of the PI's name; prefix.
    pi: Option<Vec<String>>,
    /// Words of target, title, PI, instrument, facility or keywords; prefix.
    text: Option<Vec<String>>,
    /// `CIRCLE ra dec r`, `POLYGON ra1 dec1 …` or `RANGE ra1 ra2 dec1 dec2`, ICRS degrees.
    #[param(example = "CIRCLE 83.6 22.0 2")]
    pos: Option<Vec<String>>,
    /// Ends at or after this time (`2026-11-21T06:00:00Z`, `now-2h`).
    from: Option<Vec<String>>,
    /// Starts at or before this time.
    to: Option<Vec<String>>,
    /// Overlaps this moment. In lists, a past moment gives the board as it stood then.
    at: Option<Vec<String>>,
    /// Exposure of at least so many seconds, performed or else planned.
    min_exptime: Option<Vec<f64>>,
    /// The target is visible from this place: `lat lon height`, degrees north, degrees east, metres.
    #[param(example = "48.1 11.6 520")]
    visible_from: Option<Vec<String>>,
    /// It stands at or above this altitude there, degrees; 30 when not given.
    min_alt: Option<Vec<f64>>,
    /// The Sun is below this altitude there, degrees; anywhere when not given.
    sun_below: Option<Vec<f64>>,
    /// At some time of the `activity` (when not given), or within `next24h`.
    visible_when: Option<Vec<String>>,
}

/// Pages of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described, not read: `page` reads the pairs")]
pub struct PageParams {
    /// Items of a page, 1 to 200; 50 when not given.
    limit: Option<u16>,
    /// `-t_min` (newest start first), `t_min` or `seq`.
    sort: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What the live streams take besides the filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described, not read: the stream reads the pairs")]
pub struct LiveParams {
    /// Only these events: `scheduled`, `started`, `ended`, `observed`, …
    event: Option<Vec<String>>,
    /// Resume behind this `seq`.
    since: Option<i64>,
    /// The log `since` is a place of.
    log: Option<String>,
}
