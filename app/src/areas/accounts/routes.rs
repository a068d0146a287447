//! The routes of accounts.

use axum::http::{HeaderValue, header};
use axum::{Extension, Router};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export::Keeper;
use super::me::Keepers;
use super::{auth, factor, me, sites, tokens};
use crate::hub::Hub;

/// The routes of the area; `keepers` are those who also keep things of accounts.
pub fn router(keepers: Vec<Box<dyn Keeper>>) -> OpenApiRouter<Hub> {
    let keepers: Keepers = keepers.into();
    let router = OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::verify))
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::forgot))
        .routes(routes!(auth::reset))
        .routes(routes!(me::show, me::change, me::delete))
        .routes(routes!(me::email))
        .routes(routes!(me::sessions, me::end_sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(
            factor::show,
            factor::begin,
            factor::confirm,
            factor::end
        ))
        .routes(routes!(factor::renew))
        .routes(routes!(me::export))
        .routes(routes!(sites::list, sites::make))
        .routes(routes!(sites::change, sites::delete))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke));
    private(router.layer(Extension(keepers)))
}

/// The pages that links in mails lead to.
pub fn pages() -> Router<Hub> {
    super::pages::router().layer(no_store())
}

/// Routes whose answers are one person's: no cache keeps them, whatever the handler says.
pub fn private(router: OpenApiRouter<Hub>) -> OpenApiRouter<Hub> {
    router.layer(no_store())
}

fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    let control = HeaderValue::from_static("private, no-store");
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, control)
}
