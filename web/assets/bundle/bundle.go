// Command bundle makes what browsers fetch from what people write: of every
// folder of web/assets with a TypeScript file of its own name, an island, it
// writes one script and one style sheet into web/assets/dist. The bundler is a
// library of Go, so neither Node nor a package of npm is needed, to build or to
// use clew; what it made is committed, and a test makes it again and compares.
//
// It refuses to bundle anything that does not lie in this repository.
//
//	go run ./web/assets/bundle
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := write("web/assets"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes the bundles and lays them into dist.
func write(assets string) error {
	files, err := bundles(assets)
	if err != nil {
		return err
	}
	dist := filepath.Join(assets, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dist, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// islands lists the files that bundles begin with: NAME/NAME.ts, NAME/NAME.css.
func islands(assets string) (entries []string, err error) {
	folders, err := os.ReadDir(assets)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		for _, kind := range []string{".ts", ".css"} {
			entry := filepath.Join(assets, folder.Name(), folder.Name()+kind)
			if _, err := os.Stat(entry); err == nil {
				entries = append(entries, entry)
			}
		}
	}
	if len(entries) == 0 {
		err = fmt.Errorf("there is no island in %s: start this at the top of the repository", assets)
	}
	return entries, err
}

// bundles makes every bundle, by the name of its file.
func bundles(assets string) (map[string][]byte, error) {
	entries, err := islands(assets)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		made := api.Build(api.BuildOptions{
			EntryPoints: []string{entry}, Bundle: true, Outdir: filepath.Join(assets, "dist"), EntryNames: "[name]",
			Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsInline,
			MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true,
			Engines: []api.Engine{{Name: api.EngineChrome, Version: "123"}, {Name: api.EngineFirefox, Version: "120"}, {Name: api.EngineSafari, Version: "17.5"}},
		})
		if len(made.Errors) > 0 {
			return nil, errors.New(api.FormatMessages(made.Errors, api.FormatMessagesOptions{})[0])
		}
		for _, file := range made.OutputFiles {
			files[filepath.Base(file.Path)] = file.Contents
		}
	}
	return files, nil
}
