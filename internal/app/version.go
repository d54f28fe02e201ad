package app

import (
	"cmp"
	"runtime/debug"
	"strings"
	"time"
)

// Version is what this program is, from Go's own build information.
type Version struct {
	Number   string // "v1.2.3", or "devel" between releases
	Revision string // of the source, "" when not known
	Dirty    bool   // built from a changed source
	Built    time.Time
	Go       string
}

// ThisVersion tells what runs.
func ThisVersion() Version {
	v := Version{Number: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Go = info.GoVersion
	if n := info.Main.Version; n != "" && n != "(devel)" {
		v.Number = n
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Dirty = s.Value == "true"
		case "vcs.time":
			v.Built, _ = time.Parse(time.RFC3339, s.Value) // zero when it is not there
		}
	}
	return v
}

// String is the version in one word.
func (v Version) String() string { return cmp.Or(v.Number, "devel") }

// UserAgent is how Ponte presents itself to other servers; some refuse who does not.
func UserAgent(base string) string {
	return "Ponte/" + strings.TrimPrefix(ThisVersion().String(), "v") + " (+" + base + ")"
}
