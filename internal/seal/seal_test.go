package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
)

var place = seal.Place{Company: "com_1", Row: "chn_1", Purpose: "channel.credentials"}

func open(t *testing.T, dir string) *seal.Keyring {
	t.Helper()
	k, err := seal.Open(seal.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Key != key {
		t.Fatalf("got %v, want %s", err, key)
	}
}

func TestFirstStartMakesAKeyForTheOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := open(t, dir)
	info, err := os.Stat(filepath.Join(dir, seal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if len(k.Warnings()) != 0 {
		t.Errorf("warnings %v", k.Warnings())
	}
	again := open(t, dir)
	if again.Newest() != k.Newest() {
		t.Error("the second start has another key")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v %v", left, err)
	}
}

func TestFirstStartsAtTheSameTimeShareOneKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := make([]string, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			k, err := seal.Open(seal.Options{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = k.Newest()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("keys differ: %v", ids)
		}
	}
}

func TestSealAndUnseal(t *testing.T) {
	t.Parallel()
	k := open(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		p := seal.Place{Company: rapid.String().Draw(t, "c"), Row: rapid.String().Draw(t, "r"), Purpose: rapid.String().Draw(t, "p")}
		secret := rapid.SliceOf(rapid.Byte()).Draw(t, "secret")
		a, err := k.Seal(p, secret)
		if err != nil {
			t.Fatal(err)
		}
		b, err := k.Seal(p, secret)
		if err != nil || a == b {
			t.Fatalf("two envelopes of one secret are equal: %v", err)
		}
		got, err := k.Unseal(p, a)
		if err != nil || !bytes.Equal(got, secret) {
			t.Fatalf("%q %v", got, err)
		}
	})
}

func TestASecretOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	k := open(t, t.TempDir())
	envelope, err := k.Seal(place, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []seal.Place{
		{Company: "com_2", Row: place.Row, Purpose: place.Purpose},
		{Company: place.Company, Row: "chn_2", Purpose: place.Purpose},
		{Company: place.Company, Row: place.Row, Purpose: "other"},
		{Company: place.Company + place.Row, Purpose: place.Purpose},
		{},
	} {
		if got, err := k.Unseal(p, envelope); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%+v opened as %q, %v", p, got, err)
		}
	}
}

func TestAChangedEnvelopeIsNoticed(t *testing.T) {
	t.Parallel()
	k := open(t, t.TempDir())
	envelope, err := k.Seal(place, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(envelope, ".", 3)
	body, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	for i := range body {
		changed := bytes.Clone(body)
		changed[i] ^= 1
		if _, err := k.Unseal(place, parts[0]+"."+parts[1]+"."+base64.RawURLEncoding.EncodeToString(changed)); !errors.Is(err, seal.ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := k.Unseal(place, parts[0]+"."+parts[1]+"."+base64.RawURLEncoding.EncodeToString(body[:i])); !errors.Is(err, seal.ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, bad := range []string{"", "p1", "p1.", "p1..x", "p2." + parts[1] + "." + parts[2], "token in the clear", parts[1] + "." + parts[2]} {
		if _, err := k.Unseal(place, bad); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := open(t, dir)
	envelope, err := old.Seal(place, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := seal.Rotate(dir)
	if err != nil {
		t.Fatal(err)
	}
	if k.Newest() == old.Newest() || len(k.IDs()) != 2 || !k.Stale(envelope) {
		t.Fatalf("keys %v, before %v", k.IDs(), old.IDs())
	}
	fresh, changed, err := k.Reseal(place, envelope)
	if err != nil || !changed || k.Stale(fresh) {
		t.Fatalf("%q %v %v", fresh, changed, err)
	}
	if same, changed, err := k.Reseal(place, fresh); err != nil || changed || same != fresh {
		t.Fatalf("resealed twice: %v %v", changed, err)
	}
	for _, e := range []string{envelope, fresh} {
		if got, err := open(t, dir).Unseal(place, e); err != nil || string(got) != "token" {
			t.Errorf("%q %v", got, err)
		}
	}
	if _, err := old.Unseal(place, fresh); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("the old keyring opened the new envelope: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, seal.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestKeysFromSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := open(t, dir)
	envelope, err := k.Seal(place, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, seal.FileName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(strings.Split(string(content), "\n")[1])
	bare := line[strings.Index(line, ".")+1:]
	bytesOfKey, err := base64.RawURLEncoding.DecodeString(bare)
	if err != nil {
		t.Fatal(err)
	}
	other := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	for name, o := range map[string]seal.Options{
		"file":                {File: path, Dir: "/nowhere"},
		"whole file":          {Key: string(content)},
		"line":                {Key: line, Dir: "/nowhere"},
		"bare":                {Key: " " + bare + "\n"},
		"padded":              {Key: base64.StdEncoding.EncodeToString(bytesOfKey)},
		"several, newest":     {Key: other + "," + bare},
		"several, an old one": {Key: bare + " " + other},
	} {
		k, err := seal.Open(o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := k.Unseal(place, envelope); err != nil || string(got) != "token" {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestAMissingKeyIsNotReplacedWhenSealedDataExist(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := seal.Open(seal.Options{Dir: dir, Sealed: func() (bool, error) { return true, nil }})
	wantKey(t, err, "seal.key.missing")
	if _, err := os.Stat(filepath.Join(dir, seal.FileName)); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a key was made: %v", err)
	}
	cause := errors.New("no database")
	if _, err := seal.Open(seal.Options{Dir: dir, Sealed: func() (bool, error) { return false, cause }}); !errors.Is(err, cause) {
		t.Fatalf("%v", err)
	}
	if _, err := seal.Open(seal.Options{Dir: dir, Sealed: func() (bool, error) { return false, nil }}); err != nil {
		t.Fatal(err)
	}
	_, err = seal.Open(seal.Options{File: filepath.Join(dir, "elsewhere")})
	wantKey(t, err, "seal.key.missing")
	_, err = seal.Rotate(t.TempDir())
	wantKey(t, err, "seal.key.missing")
}

func TestADamagedKeyFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":      "",
		"remark":     "# nothing",
		"short":      "AAAA",
		"binary":     "\x00\x01\x02",
		"wrong id":   "0123456789abcdef." + base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"very large": strings.Repeat("#\n", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, seal.FileName)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := seal.Open(seal.Options{Dir: dir})
			wantKey(t, err, "seal.key.damaged")
			after, err := os.ReadFile(path)
			if err != nil || string(after) != content {
				t.Error("the damaged file was touched")
			}
			if content != "" {
				_, err = seal.Open(seal.Options{Key: content})
				wantKey(t, err, "seal.key.setting")
			}
		})
	}
}

func TestAKeyInAFaultDoesNotShowItself(t *testing.T) {
	t.Parallel()
	secret := base64.RawURLEncoding.EncodeToString([]byte("only thirty bytes of a secret!"))
	_, err := seal.Open(seal.Options{Key: secret})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Fatalf("%v", err)
	}
}

func TestAKeyFileOthersMayReadIsWarnedAbout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if err := os.Chmod(filepath.Join(dir, seal.FileName), 0o644); err != nil {
		t.Fatal(err)
	}
	w := open(t, dir).Warnings()
	if len(w) != 1 || w[0].Key != "seal.key.permissions" || w[0].Args["mode"] != "0644" {
		t.Fatalf("%v", w)
	}
}

func TestAFolderThatCannotHoldAKey(t *testing.T) {
	t.Parallel()
	_, err := seal.Open(seal.Options{Dir: filepath.Join(t.TempDir(), "missing")})
	wantKey(t, err, "seal.key.unwritable")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, seal.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = seal.Open(seal.Options{Dir: dir})
	wantKey(t, err, "seal.key.unreadable")
}

func FuzzUnseal(f *testing.F) {
	k, err := seal.Open(seal.Options{Key: base64.StdEncoding.EncodeToString(make([]byte, 32))})
	if err != nil {
		f.Fatal(err)
	}
	// Made once with the key above: every process of the fuzzing has the same one.
	const real = "p1.a1b686904a6c425c.5ZqDgPrEX5PukyS5Y7mNw4at6xqkR26NmWSIoa2d_0flRMCMtGgj4GGp-sr2WPcHXw"
	if got, err := k.Unseal(place, real); err != nil || string(got) != "token" {
		f.Fatalf("the envelope of an earlier Ponte no longer opens: %q, %v", got, err)
	}
	f.Add(real)
	f.Add("p1." + k.Newest() + ".AAAA")
	f.Fuzz(func(t *testing.T, envelope string) {
		if envelope == real {
			return
		}
		if got, err := k.Unseal(place, envelope); err == nil {
			t.Fatalf("%q opened as %q", envelope, got)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add("# x\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	f.Fuzz(func(t *testing.T, content string) {
		k, err := seal.Open(seal.Options{Key: content, Dir: "/nowhere"})
		if err != nil {
			return
		}
		envelope, err := k.Seal(place, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Unseal(place, envelope); err != nil {
			t.Fatal(err)
		}
	})
}
