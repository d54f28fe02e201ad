package journey_test

import (
	"flag"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
)

func TestMain(m *testing.M) {
	// Processes that are killed spend most of their time waiting: more of them fit beside each other than there are cores.
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "6") // a number is always taken
	}
	apptest.Main(m, closeChromium)
}
