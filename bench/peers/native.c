#include "native.h"
#include <string.h>

// SQLite comes with the driver that clew links, so that both sides run the
// same code with the same settings at compile time. Its header is not on the
// path of another package; these few functions have not changed in 20 years.
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open(const char *, sqlite3 **);
int sqlite3_close(sqlite3 *);
int sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
int sqlite3_bind_int64(sqlite3_stmt *, int, int64_t);
int sqlite3_bind_blob(sqlite3_stmt *, int, const void *, int, void (*)(void *));
int sqlite3_step(sqlite3_stmt *);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_finalize(sqlite3_stmt *);
int64_t sqlite3_column_int64(sqlite3_stmt *, int);
const void *sqlite3_column_blob(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);
enum { ROW = 100, DONE = 101 };

// The settings are those of clew's own log.
static const char *settings = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000;";
static const char *table =
	"CREATE TABLE record (position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, version INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, id BLOB NOT NULL, append INTEGER NOT NULL, body BLOB NOT NULL, fast BLOB, leaf BLOB NOT NULL) STRICT";

static int say(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, 0, 0, 0); }

static const uint8_t *insert_row(sqlite3_stmt *s, const uint8_t *row, int64_t position, int64_t append, int *rc) {
	uint32_t body, fast;
	memcpy(&body, row, 4);
	memcpy(&fast, row + 4, 4);
	const uint8_t *id = row + 8, *leaf = id + 16, *text = leaf + 32;
	sqlite3_bind_int64(s, 1, position);
	sqlite3_bind_int64(s, 2, 1);
	sqlite3_bind_int64(s, 3, position);
	sqlite3_bind_int64(s, 4, 1);
	sqlite3_bind_blob(s, 5, id, 16, 0);
	sqlite3_bind_int64(s, 6, append);
	sqlite3_bind_blob(s, 7, text, (int)body, 0);
	sqlite3_bind_blob(s, 8, text + body, (int)fast, 0);
	sqlite3_bind_blob(s, 9, leaf, 32, 0);
	*rc = sqlite3_step(s) == DONE ? sqlite3_reset(s) : 1;
	return text + body + fast;
}

static int insert_rows(sqlite3 *db, const uint8_t *row, size_t count, size_t batch) {
	sqlite3_stmt *s = 0;
	int rc = sqlite3_prepare_v2(db, "INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?)", -1, &s, 0);
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (i % batch == 0 && (rc = say(db, "BEGIN IMMEDIATE"))) break;
		row = insert_row(s, row, (int64_t)i + 1, (int64_t)(i - i % batch) + 1, &rc);
		if (rc == 0 && (i % batch == batch - 1 || i == count - 1)) rc = say(db, "COMMIT");
	}
	sqlite3_finalize(s);
	return rc;
}

int native_insert(const char *path, const uint8_t *rows, size_t count, size_t batch) {
	sqlite3 *db = 0;
	int rc = sqlite3_open(path, &db);
	if (rc == 0) rc = say(db, settings);
	if (rc == 0) rc = say(db, table);
	if (rc == 0) rc = insert_rows(db, rows, count, batch);
	sqlite3_close(db);
	return rc;
}

int native_scan(const char *path, uint64_t *count, uint64_t *sum) {
	sqlite3 *db = 0;
	sqlite3_stmt *s = 0;
	int rc = sqlite3_open(path, &db);
	if (rc == 0) rc = sqlite3_prepare_v2(db, "SELECT position, stream, version, kind, append, id, body, fast, leaf FROM record ORDER BY position", -1, &s, 0);
	while (rc == 0 && (rc = sqlite3_step(s)) == ROW) {
		for (int i = 0; i < 5; i++) *sum += (uint64_t)sqlite3_column_int64(s, i);
		for (int i = 5; i < 9; i++) {
			const uint8_t *blob = sqlite3_column_blob(s, i);
			int n = sqlite3_column_bytes(s, i);
			*sum += (uint64_t)n + (n > 0 ? blob[n - 1] : 0);
		}
		(*count)++;
		rc = 0;
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	return rc == DONE ? 0 : rc;
}
