// Command clew-verify checks a bundle that clew wrote, or the proof of one
// record, without clew, without the log and without a connection. It is a
// second opinion: it shares no code with clew, reads the formats as docs/trust
// describes them, and uses nothing but Go's standard library and the signed
// notes of the Go checksum database.
//
// It checks bytes, hashes, proofs, signatures and sums. It refuses to guess:
// whatever is not as the format says is an error, named in one line, and the
// exit code is 1. It never says that what was recorded is true.
//
//	clew-verify C1.zip --key log.pub --witness court.pub
//	clew-verify record-12.tlog-proof --key log.pub
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes.
const (
	verified = 0
	refuted  = 1
	misused  = 2
)

// keys is a flag that may stand several times: a key, or a file with keys.
type keys []string

func (k *keys) String() string { return strings.Join(*k, " ") }

// Set adds what one flag says.
func (k *keys) Set(text string) error {
	content := text
	if file, err := os.ReadFile(text); err == nil {
		content = string(file)
	}
	*k = append(*k, strings.Fields(content)...)
	return nil
}

// asked is what the command line says.
type asked struct {
	file    string
	key     publicKey
	pinned  bool // the key was given
	witness []publicKey
}

func run(args []string, out, complaints io.Writer) int {
	ask, err := read(args, complaints)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(complaints, "clew-verify: %v\n", err)
		}
		return misused
	}
	file, err := os.Open(ask.file)
	if err != nil {
		fmt.Fprintf(complaints, "clew-verify: %v\n", err)
		return misused
	}
	defer file.Close()
	r := &report{out: out}
	if err := check(file, ask, r); err != nil {
		fmt.Fprintf(out, "\nNOT VERIFIED: %v\n", err)
		return refuted
	}
	r.verdict()
	return verified
}

// check tells a bundle from a proof by its first bytes.
func check(file io.ReaderAt, ask *asked, r *report) error {
	start := make([]byte, 4)
	if _, err := file.ReadAt(start, 0); err != nil && err != io.EOF {
		return err
	}
	if bytes.Equal(start, []byte("PK\x03\x04")) {
		return checkBundle(file, ask, r)
	}
	return checkProof(file, ask, r)
}

// read takes flags before and after the file's name.
func read(args []string, complaints io.Writer) (*asked, error) {
	var logKeys, witnesses keys
	flags := flag.NewFlagSet("clew-verify", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() {
		fmt.Fprint(complaints, "clew-verify FILE [--key KEY] [--witness KEY]…\n\nFILE is a bundle of 'clew bundle' or a proof of 'clew prove'. KEY is a public key or a file with it.\n")
	}
	flags.Var(&logKeys, "key", "the log's public key")
	flags.Var(&witnesses, "witness", "a witness's public key")
	ask := &asked{}
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		switch {
		case len(args) == 0:
		case ask.file != "":
			return nil, fmt.Errorf("there are two files, %s and %s: one is checked at a time", ask.file, args[0])
		default:
			ask.file, args = args[0], args[1:]
		}
	}
	if ask.file == "" || len(logKeys) > 1 {
		return nil, errors.New("give one file, and at most one --key: clew-verify C1.zip --key log.pub --witness court.pub")
	}
	for _, text := range logKeys {
		key, err := parseKey(text)
		if err != nil {
			return nil, fmt.Errorf("--key: %w", err)
		}
		ask.key, ask.pinned = key, true
	}
	for _, text := range witnesses {
		key, err := parseKey(text)
		if err != nil {
			return nil, fmt.Errorf("--witness: %w", err)
		}
		ask.witness = append(ask.witness, key)
	}
	return ask, nil
}

// report is what was found, line by line, and what the last words rest on.
type report struct {
	out    io.Writer
	head   head
	held   []string // who else has signed the head, and when
	pinned bool
}

func (r *report) ok(format string, args ...any) {
	fmt.Fprintf(r.out, "ok  %s\n", plain(fmt.Sprintf(format, args...)))
}

// plain keeps what stands in a file from acting on a terminal.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x80 && c <= 0x9f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return '?'
		}
		return c
	}, text)
}

// verdict says no more than was checked.
func (r *report) verdict() {
	switch {
	case len(r.held) > 0:
		fmt.Fprintf(r.out, "\nVERIFIED: consistent with head %s held by %s.\n", r.head, plain(strings.Join(r.held, " and by ")))
	case r.pinned:
		fmt.Fprintf(r.out, "\nVERIFIED: consistent with head %s, which the log with the key you gave has signed. Nobody else is shown to have\nseen it: for that, give a witness's key with --witness.\n", r.head)
	default:
		fmt.Fprintf(r.out, "\nVERIFIED WITH ITSELF ALONE: everything fits head %s and the key in the file. Anybody can make a file with a key of\nhis own: give the log's key with --key, as its keeper told it to you.\n", r.head)
	}
}
