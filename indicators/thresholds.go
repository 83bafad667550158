package indicators

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

// Threshold is one number that an indicator is told, and who says so.
type Threshold struct {
	Indicator string `yaml:"indicator"`
	Name      string `yaml:"name"`
	Value     int64  `yaml:"value"`
	Source    string `yaml:"source"`
}

// Thresholds are all numbers of all indicators.
type Thresholds []Threshold

//go:embed thresholds.yaml
var thresholdsYAML []byte

// Standard are the thresholds that clew ships with.
func Standard() Thresholds {
	list, err := ParseThresholds(thresholdsYAML)
	if err != nil {
		panic("indicators: the embedded thresholds cannot be read: " + err.Error())
	}
	return list
}

// ParseThresholds reads a file of thresholds. It must name every one that the
// table needs, each with its source, and no other.
func ParseThresholds(text []byte) (Thresholds, error) {
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	var list Thresholds
	if err := strict.Decode(&list); err != nil {
		return nil, domain.Usage("thresholds: %v", err)
	}
	seen := map[[2]string]bool{}
	for _, t := range list {
		name := [2]string{t.Indicator, t.Name}
		switch {
		case !slices.Contains(Names(), t.Indicator):
			return nil, domain.Usage("thresholds: there is no indicator %q", t.Indicator)
		case seen[name] || t.Value < 1 || t.Value > maxThreshold || t.Source == "":
			return nil, domain.Usage("thresholds: %s of %s must stand once, lie between 1 and %d, and name its source", t.Name, t.Indicator, maxThreshold)
		}
		seen[name] = true
	}
	return list, complete(seen)
}

// maxThreshold keeps a span of days within 63 bits of nanoseconds.
const maxThreshold = 100_000

func complete(seen map[[2]string]bool) error {
	needed := map[[2]string]bool{}
	for _, row := range Table() {
		for _, name := range row.needs {
			needed[[2]string{row.Name, name}] = true
			if !seen[[2]string{row.Name, name}] {
				return domain.Usage("thresholds: %s of %s is missing", name, row.Name)
			}
		}
	}
	for name := range seen {
		if !needed[name] {
			return domain.Usage("thresholds: the indicator %s has no threshold %q", name[0], name[1])
		}
	}
	return nil
}

// With gives the thresholds with one of them changed, and what it was.
func (t Thresholds) With(set Threshold) (Thresholds, int64, error) {
	if _, err := Find(set.Indicator); err != nil {
		return nil, 0, err
	}
	at := slices.IndexFunc(t, func(one Threshold) bool { return one.Indicator == set.Indicator && one.Name == set.Name })
	switch {
	case at < 0:
		return nil, 0, domain.Usage("the indicator %s has no threshold %q: it has %s", set.Indicator, set.Name, Words(t.of(set.Indicator)))
	case set.Value < 1 || set.Value > maxThreshold:
		return nil, 0, domain.Usage("%s of %s must lie between 1 and %d, not be %d", set.Name, set.Indicator, maxThreshold, set.Value)
	}
	was := t[at].Value
	t = slices.Clone(t)
	t[at] = set
	return t, was, nil
}

// of gives an indicator's thresholds.
func (t Thresholds) of(name string) limits {
	list := limits{}
	for _, one := range t {
		if one.Indicator == name {
			list[one.Name] = one.Value
		}
	}
	return list
}

// Words lists an indicator's thresholds, by name.
func Words(values map[string]int64) string {
	text := ""
	for i, name := range slices.Sorted(maps.Keys(values)) {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", name, values[name])
	}
	return text
}
