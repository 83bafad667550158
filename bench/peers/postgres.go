package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"clew/domain"

	"github.com/jackc/pgx/v5"
)

// postgresPrograms is the folder of initdb and postgres: on the path, or where
// Debian's package puts them.
func postgresPrograms() (string, error) {
	if program, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			return filepath.Dir(real), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("initdb is not here: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// postgres is a server of our own, in a folder of its own, heard on a socket
// in that folder only.
type postgres struct {
	dir     string
	server  *exec.Cmd
	connect *pgx.Conn
}

// unprivileged lets a command run as somebody who is not root: initdb refuses
// root, for good reasons.
func unprivileged(command *exec.Cmd, dir string) error {
	command.Dir = dir
	if os.Getuid() != 0 {
		return nil
	}
	somebody, err := user.Lookup("postgres")
	if err != nil {
		somebody, err = user.Lookup("nobody")
	}
	if err != nil {
		return fmt.Errorf("initdb refuses root, and there is nobody else: %w", err)
	}
	uid, _ := strconv.Atoi(somebody.Uid)
	gid, _ := strconv.Atoi(somebody.Gid)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, uid, gid))
}

func startPostgres(bin, dir string) (*postgres, error) {
	tables := filepath.Join(dir, "tables")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", tables, "--username", "peer", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
	if err := unprivileged(initdb, dir); err != nil {
		return nil, err
	}
	if said, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	p := &postgres{dir: dir, server: exec.Command(filepath.Join(bin, "postgres"), "-D", tables, "-k", dir, "-c", "listen_addresses=",
		"-c", "shared_buffers=512MB", "-c", "work_mem=256MB", "-c", "jit=off")}
	if err := unprivileged(p.server, dir); err != nil {
		return nil, err
	}
	if err := p.server.Start(); err != nil {
		return nil, err
	}
	return p, p.wait()
}

// wait connects as soon as the server listens.
func (p *postgres) wait() (err error) {
	for range 100 {
		p.connect, err = pgx.Connect(context.Background(), "host="+p.dir+" user=peer dbname=postgres")
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.Join(err, p.stop())
}

// stop ends the server that start began, and waits until it has ended.
func (p *postgres) stop() error {
	if p.connect != nil {
		p.connect.Close(context.Background())
	}
	if err := p.server.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.server.Wait()
}

// copyEvents appends events by COPY, the fastest way in, so many a commit, each
// synced to disk as Postgres does by itself.
func (p *postgres) copyEvents(all []event, size int) error {
	for first := 0; first < len(all); first += size {
		batch := all[first:min(first+size, len(all))]
		rows := pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
			return []any{first + i + 1, 1, first + i + 1, 1, batch[i].body, batch[i].fast}, nil
		})
		columns := []string{"position", "stream", "version", "kind", "body", "fast"}
		if _, err := p.connect.CopyFrom(context.Background(), pgx.Identifier{"record"}, columns, rows); err != nil {
			return err
		}
	}
	return nil
}

func appendPostgres(made rowsMade, size int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		bin, err := postgresPrograms()
		if err != nil {
			return turn{}, err
		}
		p, err := startPostgres(bin, dir)
		if err != nil {
			return turn{}, err
		}
		_, err = p.connect.Exec(context.Background(), `CREATE TABLE record (position BIGINT PRIMARY KEY, stream BIGINT NOT NULL,
			version BIGINT NOT NULL, kind BIGINT NOT NULL, body BYTEA NOT NULL, fast BYTEA)`)
		if err != nil {
			return turn{}, errors.Join(err, p.stop())
		}
		return turn{func() error { return p.copyEvents(all, size) }, p.stop}, nil
	}
}

func (p *postgres) fill(all []domain.Movement) error {
	if _, err := p.connect.Exec(context.Background(), transferTable); err != nil {
		return err
	}
	rows := numbered(all)
	_, err := p.connect.CopyFrom(context.Background(), pgx.Identifier{"transfer"}, []string{"payer", "payee", "victim"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return rows[i][:], nil }))
	for _, index := range transferIndexes {
		if err == nil {
			_, err = p.connect.Exec(context.Background(), index)
		}
	}
	return err
}

func reachPostgres(bin, dir string, all []domain.Movement) (turn, error) {
	p, err := startPostgres(bin, dir)
	if err != nil {
		return turn{}, err
	}
	if err := p.fill(all); err != nil {
		return turn{}, errors.Join(err, p.stop())
	}
	victims := victimsOf(len(all))
	return turn{func() error {
		for i := range asked {
			var count int
			if err := p.connect.QueryRow(context.Background(), reachQuery, string(victim(i, victims))).Scan(&count); err != nil || count == 0 {
				return fmt.Errorf("%d accounts: %w", count, err)
			}
		}
		return nil
	}, p.stop}, nil
}
