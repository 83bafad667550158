package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"clew/domain"
)

// browsers are the names under which Chromium and its kin are installed.
func browsers() []string {
	return []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"}
}

// maxPrinting is how long a browser may take: a report has some dozens of
// pages, and a slow machine prints them in seconds.
const maxPrinting = 2 * time.Minute

// printed has a browser print a page as a PDF, with its headings and tables
// tagged for those who have it read to them. The page brings no script and may
// load nothing; the browser gets a profile of its own that goes away with it.
func printed(ctx context.Context, browser string, page []byte) ([]byte, error) {
	path, err := findBrowser(browser)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clew-report-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	from, to := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(from, page, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxPrinting)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, printFlags(dir, from, to)...)
	said := &bytes.Buffer{}
	cmd.Stderr, cmd.WaitDelay = said, 5*time.Second
	failed := cmd.Run()
	pdf, err := os.ReadFile(to)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return nil, fmt.Errorf("%s did not print the report (%v): %s; write it with --format html, and print it from any browser", path, failed, lastLine(said.String()))
	}
	return pdf, nil
}

func printFlags(dir, from, to string) []string {
	flags := []string{"--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--user-data-dir=" + filepath.Join(dir, "profile"), "--no-pdf-header-footer",
		"--export-tagged-pdf", "--generate-pdf-document-outline", "--print-to-pdf=" + to}
	if os.Geteuid() == 0 {
		flags = append(flags, "--no-sandbox") // Chromium refuses to run as root with its sandbox
	}
	return append(flags, "file://"+filepath.ToSlash(from))
}

func findBrowser(named string) (string, error) {
	names := browsers()
	if named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", domain.NotFound("no %s is here to print a PDF: install Chromium ('apt-get install chromium', or Chrome or Edge) or name one with --browser or CLEW_BROWSER; or write the report with --format html, and print it from any browser", strings.Join(names, ", "))
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
