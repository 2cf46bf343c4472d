use super::*;
use crate::history::repository::conformance;

#[tokio::test]
async fn the_sqlite_index_conforms() {
    let folders = std::sync::Mutex::new(Vec::new());
    conformance::conformance(async || {
        let folder = tempfile::tempdir().unwrap();
        let (index, notice) =
            SqliteRepository::open(folder.path().join("history.db"), Zoned::now).unwrap();
        assert_eq!(notice, None);
        folders.lock().unwrap().push(folder);
        Arc::new(index) as _
    })
    .await;
}
