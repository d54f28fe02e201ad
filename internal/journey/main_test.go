package journey_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, closeChromium) }
