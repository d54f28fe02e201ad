package text_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/text"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "Ada": "Ada", "l'anno": "l'anno", "'anni '60": "'anni '60", "3-2": "3-2", "=1+1": "'=1+1", "+39 055": "'+39 055", "-": "'-", "@ada": "'@ada",
		"\tx": "'\tx", "\rx": "'\rx", "＝1": "'＝1", "＠ada": "'＠ada", "'=1": "''=1", "''-1": "'''-1", "\xff=": "\xff=",
	} {
		got := text.Guard(in)
		if got != want || text.Unguard(got) != in {
			t.Errorf("%q became %q and then %q, want %q", in, got, text.Unguard(got), want)
		}
	}
}
