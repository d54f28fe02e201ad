package record_test

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/record"
)

// The guides tell strangers how to check by hand: what they say must be so.
func TestTheGuidesSayWhatIsSo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../../docs/guides/record.md", "../../docs/guide/registro.md"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		guide := string(b)
		m := regexp.MustCompile(`printf '14:ponte-record-1,7:address,32:(\w+),29:([^,]+),' \| sha256sum`).FindStringSubmatch(guide)
		begins := regexp.MustCompile("`([0-9a-f]{8})`\\.\\.\\.").FindStringSubmatch(guide)
		if m == nil || begins == nil {
			t.Fatalf("%s has no example", name)
		}
		salt, err := hex.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(record.Commit(salt, record.OfAddress, m[2])); !strings.HasPrefix(got, begins[1]) {
			t.Errorf("%s: the example gives %s", name, got)
		}
		// The table of kinds has each kind with its fields, in their order.
		for _, l := range written() {
			b, err := l.Encode()
			if err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, f := range regexp.MustCompile(`"(of|said|commit|minutes|reason|outcome|before|after|due)":`).FindAllStringSubmatch(string(b), -1) {
				fields = append(fields, "`"+f[1]+"`")
			}
			cell := strings.Join(fields, ", ")
			if cell != "" {
				cell += " "
			}
			if row := "| `" + string(l.Kind) + "` | " + cell + "| "; !strings.Contains(guide, row) {
				t.Errorf("%s has no row %q", name, row)
			}
		}
		for _, r := range record.Reasons {
			if !strings.Contains(guide, "`"+string(r)+"`") {
				t.Errorf("%s does not name %s", name, r)
			}
		}
		for _, o := range record.Outcomes {
			if !strings.Contains(guide, "`"+string(o)+"`") {
				t.Errorf("%s does not name %s", name, o)
			}
		}
		for _, p := range []string{record.CheckpointPath, record.KeyPath, record.FiguresPath, "tile/entries/<N>", "tile/<L>/<N>"} {
			if !strings.Contains(guide, "`/record/"+p+"`") {
				t.Errorf("%s does not name %s", name, p)
			}
		}
	}
}
