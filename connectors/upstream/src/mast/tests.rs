use std::sync::{Arc, Mutex};

use domain::Clock;
use proptest::prelude::*;

use super::*;
use crate::{Cassette, Take};

fn filters() -> Vec<Filter> {
    vec![
        Filter::OneOf("obs_collection", vec!["HST".to_owned()]),
        Filter::Between("t_min", 60_890.0, 60_900.5),
        Filter::Like("target_name", "M%".to_owned()),
    ]
}

fn page(page: usize, body: &str) -> Take {
    let request = request("obs_id", &filters(), page);
    Take::post(INVOKE, &[("request", &request)]).answers("application/json", body)
}

async fn ask(cassette: Cassette) -> Result<Vec<Result<MastRow, Unreadable>>> {
    let upstream = Upstream::replay(vec![cassette], Clock::system());
    filtered(&upstream, "obs_id", &filters()).await
}

fn ids(rows: &[Result<MastRow, Unreadable>]) -> Vec<&str> {
    let rows = rows.iter().filter_map(|row| row.as_ref().ok());
    rows.filter_map(|row| row.obs_id.as_deref()).collect()
}

const COMPLETE: &str = r#"{"status":"COMPLETE","msg":"","data":[{"obs_id":"a"}],"paging":{"page":1,"pagesFiltered":1}}"#;
const EXECUTING: &str = r#"{"status": "EXECUTING", "msg": ""}"#;

#[test]
fn the_same_question_is_the_same_text() {
    assert_eq!(
        request("obs_id,t_min", &filters(), 2),
        r#"{"service":"Mast.Caom.Filtered","format":"json","pagesize":5000,"page":2,"params":{"columns":"obs_id,t_min","filters":[{"paramName":"obs_collection","values":["HST"]},{"paramName":"t_min","values":[{"min":60890.0,"max":60900.5}]},{"paramName":"target_name","values":[],"freeText":"M%"}]}}"#
    );
}

#[tokio::test]
async fn all_pages_are_read() {
    let body = |id: &str| {
        format!(
            r#"{{"status":"COMPLETE","data":[{{"obs_id":"{id}"}}],"paging":{{"pagesFiltered":2}}}}"#
        )
    };
    let cassette = Cassette::new()
        .with(page(1, &body("a")))
        .with(page(2, &body("b")));

    assert_eq!(ids(&ask(cassette).await.unwrap()), ["a", "b"]);
}

#[tokio::test]
async fn a_query_still_executing_is_asked_again() {
    let cassette = Cassette::new()
        .with(page(1, EXECUTING))
        .with(page(1, EXECUTING))
        .with(page(1, COMPLETE));

    assert_eq!(ids(&ask(cassette).await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_query_that_never_ends_is_given_up_after_ten_minutes_of_waiting() {
    let cassette = Cassette::new().with(page(1, EXECUTING));
    let waits = Arc::<Mutex<Vec<Duration>>>::default();
    let upstream = Upstream::replay_noting_waits(vec![cassette], waits.clone());

    let error = filtered(&upstream, "obs_id", &filters()).await.unwrap_err();

    assert_eq!(
        error,
        Error::Unreachable("MAST was still executing the query after 600 s".to_owned())
    );
    let waits = waits.lock().unwrap();
    assert_eq!(waits.iter().sum::<Duration>(), Duration::from_secs(600));
    assert_eq!(waits[..3], [2, 4, 8].map(Duration::from_secs));
}

#[tokio::test]
async fn an_error_comes_in_masts_words() {
    let cassette = Cassette::new().with(page(
        1,
        r#"{"status":"ERROR","msg":"Invalid column: obs_ids"}"#,
    ));

    assert_eq!(
        ask(cassette).await.unwrap_err(),
        Error::Unreadable("MAST answered an error: Invalid column: obs_ids".to_owned())
    );
}

#[tokio::test]
async fn a_web_page_means_to_come_back_later() {
    let cassette = Cassette::new().with(page(1, "<html>Service Unavailable</html>"));

    assert!(matches!(ask(cassette).await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn an_answer_of_another_shape_needs_a_person() {
    let cassette = Cassette::new().with(page(1, r#"{"status":"COMPLETE","data":{}}"#));

    assert!(matches!(ask(cassette).await, Err(Error::Unreadable(_))));
}

#[tokio::test]
async fn too_many_pages_are_a_mistake() {
    let body = r#"{"status":"COMPLETE","data":[{}],"paging":{"pagesFiltered":4000}}"#;

    let error = ask(Cassette::new().with(page(1, body))).await.unwrap_err();

    assert!(matches!(error, Error::Unreadable(_)), "{error}");
}

#[test]
fn columns_are_read_with_tolerance() {
    let body = r#"{"status":"COMPLETE","data":[{"obs_id":" O6AU01MSQ ","obsid":2003520266,
        "calib_level":1.0,"em_min":0,"em_max":280.5,"t_exptime":1,"t_min":52172.68712,"t_max":"52172.7",
        "t_obs_release":0,"s_ra":360,"s_dec":44,"proposal_id":8880,"proposal_pi":"","mtFlag":"false",
        "filters":null,"sequence_number":"2","new_column":{"a":[1]}}]}"#;

    let rows = read(body.as_bytes()).unwrap();

    let row = rows[0].as_ref().unwrap();
    let raw = row.raw.clone();
    assert!(raw.starts_with(r#"{"obs_id":" O6AU01MSQ ""#) && raw.ends_with(r#"{"a":[1]}}"#));
    assert_eq!(
        *row,
        MastRow {
            obs_id: Some("O6AU01MSQ".to_owned()),
            obsid: Some("2003520266".to_owned()),
            calib_level: Some(1),
            em_max: Some(280.5),
            t_exptime: Some(1.0),
            t_min: Some(52172.68712),
            t_max: Some(52172.7),
            s_ra: Some(0.0),
            s_dec: Some(44.0),
            proposal_id: Some("8880".to_owned()),
            mt_flag: Some(false),
            sequence_number: Some(2),
            row: 1,
            raw,
            ..MastRow::default()
        }
    );
}

#[test]
fn absurd_numbers_are_unknown() {
    let body = r#"[{"obs_id":"NaN \" Infinity","s_ra":-596.5,"s_dec":10,"t_min":NaN,"t_max":1e300,
        "t_exptime":-1,"em_min":-Infinity,"calib_level":null}]"#;

    let rows = read(body.as_bytes()).unwrap();

    let row = rows[0].as_ref().unwrap();
    assert_eq!(row.obs_id.as_deref(), Some("NaN \" Infinity"));
    assert_eq!((row.s_ra, row.s_dec), (None, None));
    assert_eq!((row.t_min, row.t_max, row.t_exptime), (None, None, None));
    assert_eq!((row.em_min, row.calib_level), (None, None));
}

#[test]
fn a_row_that_cannot_be_read_names_its_field_and_the_rest_goes_on() {
    let body = r#"[{"obs_id":"a","t_min":"soon"},7,{"obs_id":{"x":1}},{"calib_level":1.5},
        {"mtFlag":"maybe"},{"obs_id":"b"}]"#;

    let rows = read(body.as_bytes()).unwrap();

    let reasons: Vec<(usize, &str)> = rows
        .iter()
        .filter_map(|row| row.as_ref().err())
        .map(|row| (row.row, row.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (1, "t_min: not a number: soon"),
            (2, "data: not an object"),
            (3, "obs_id: not a text"),
            (4, "calib_level: not an integer: 1.5"),
            (5, "mtFlag: not true or false: maybe"),
        ]
    );
    assert_eq!(ids(&rows), ["b"]);
}

#[test]
fn what_is_not_masts_is_unreadable() {
    for body in [
        "",
        "<html>",
        "{}",
        r#"{"status":"COMPLETE"}"#,
        r#"{"status":"COMPLETE","data":7}"#,
        EXECUTING,
        r#"{"status":"RESTING","data":[]}"#,
        r#"[{"obs_id":"a""#,
    ] {
        assert!(
            matches!(read(body.as_bytes()), Err(Error::Unreadable(_))),
            "{body}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(body in "[\\[\\]{}:,\"\\\\NaInfty0-9.e\u{e9}-]{0,60}") {
        let _ = read(body.as_bytes());
        let _ = read(format!("[{{\"obs_id\":\"a\",\"t_min\":{body}}}]").as_bytes());
    }
}
