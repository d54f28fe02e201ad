package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// FileName is the name of the key file in the data folder.
const FileName = "ponte.key"

// keySize is the length of a key in bytes: AES-256.
const keySize = 32

// maxFile is the greatest key file that is read, in bytes; a thousand keys are shorter.
const maxFile = 128 << 10

// Options say where the keys are. Key wins over File, File over Dir.
type Options struct {
	// Key holds the keys themselves, as the key file writes them, several apart by spaces, commas or lines, the
	// newest last; a key alone, 32 bytes in base64, is good too.
	Key string
	// File is a key file that somebody else keeps; it is read and never written.
	File string
	// Dir is the data folder. The file ponte.key is made there on the first start, readable by its owner alone.
	Dir string
	// Sealed tells whether sealed data exist already. It is asked only when there is no key file in Dir; when it says
	// yes no new key is made, because a new key could not open them. nil: there are none.
	Sealed func() (bool, error)
}

// Keyring holds the keys. It is safe for use by several goroutines; it never changes.
type Keyring struct {
	keys     []key // the newest last
	warnings []*fault.Error
}

type key struct {
	id     string
	secret [keySize]byte
}

// Open reads the keys, and makes the key file on the first start. Faults: seal.key.missing, seal.key.damaged,
// seal.key.unreadable, seal.key.unwritable.
func Open(o Options) (*Keyring, error) {
	switch {
	case o.Key != "":
		keys, err := parse([]byte(o.Key))
		if err != nil {
			return nil, fmt.Errorf("seal.Open: %w", fault.New(fault.Internal, "seal.key.setting").Because(err))
		}
		return &Keyring{keys: keys}, nil
	case o.File != "":
		k, err := read(o.File)
		if errors.Is(err, fs.ErrNotExist) {
			err = fault.New(fault.Internal, "seal.key.missing").With("path", o.File).Because(err)
		}
		if err != nil {
			return nil, fmt.Errorf("seal.Open: %w", err)
		}
		return k, nil
	}
	path := filepath.Join(o.Dir, FileName)
	k, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		k, err = first(path, o.Sealed)
	}
	if err != nil {
		return nil, fmt.Errorf("seal.Open: %w", err)
	}
	return k, nil
}

// first makes the key file of a new Ponte.
func first(path string, sealed func() (bool, error)) (*Keyring, error) {
	if sealed != nil {
		exist, err := sealed()
		if err != nil {
			return nil, err
		}
		if exist {
			return nil, fault.New(fault.Internal, "seal.key.missing").With("path", path)
		}
	}
	// Another process may start at the same time: whoever links the file first wins, and both read that one.
	if err := write(path, []key{newKey()}, os.Link); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return read(path)
}

// Rotate adds a new key to the key file in a data folder and gives the keyring with it. Data sealed before can still
// be opened; Reseal moves them to the new key. Servers that share the folder must be started again.
func Rotate(dir string) (*Keyring, error) {
	path := filepath.Join(dir, FileName)
	k, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fault.New(fault.Internal, "seal.key.missing").With("path", path).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("seal.Rotate: %w", err)
	}
	if err := write(path, append(k.keys[:len(k.keys):len(k.keys)], newKey()), os.Rename); err != nil {
		return nil, fmt.Errorf("seal.Rotate: %w", err)
	}
	k, err = read(path)
	if err != nil {
		return nil, fmt.Errorf("seal.Rotate: %w", err)
	}
	return k, nil
}

// Warnings are what is not right about the key file though it works (seal.key.permissions: others on the machine may
// read it), for the log and for the doctor.
func (k *Keyring) Warnings() []*fault.Error { return k.warnings }

// Newest is the id of the key that seals now.
func (k *Keyring) Newest() string { return k.keys[len(k.keys)-1].id }

// IDs are the ids of all keys, the newest last.
func (k *Keyring) IDs() []string {
	ids := make([]string, len(k.keys))
	for i := range k.keys {
		ids[i] = k.keys[i].id
	}
	return ids
}

func newKey() key {
	var k key
	rand.Read(k.secret[:]) // never fails (Go 1.24)
	k.id = keyID(k.secret[:])
	return k
}

// keyID names a key by a hash of it, so that the file proves itself undamaged. 64 bits tell nothing useful about the
// key and make two keys with one name as good as impossible.
func keyID(secret []byte) string {
	sum := sha256.Sum256(append([]byte("ponte key id\x00"), secret...))
	return hex.EncodeToString(sum[:8])
}

func read(path string) (*Keyring, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	unreadable := fault.New(fault.Internal, "seal.key.unreadable").With("path", path)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable.Because(err)
	}
	if info.IsDir() {
		return nil, unreadable.Because(errors.New("a folder"))
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, unreadable.Because(err)
	}
	keys, err := parse(content)
	if err != nil {
		return nil, fault.New(fault.Internal, "seal.key.damaged").With("path", path).Because(err)
	}
	k := &Keyring{keys: keys}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		k.warnings = append(k.warnings, fault.New(fault.Internal, "seal.key.permissions").
			With("path", path).With("mode", fmt.Sprintf("%04o", info.Mode().Perm())))
	}
	return k, nil
}

// parse reads keys: one a line, "id base64"; lines that begin with # are remarks. Its errors never show a key.
func parse(content []byte) ([]key, error) {
	if len(content) > maxFile {
		return nil, errors.New("too long for a key file")
	}
	var tokens []string
	for line := range strings.Lines(string(bytes.TrimPrefix(content, []byte("\ufeff")))) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		tokens = append(tokens, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })...)
	}
	var keys []key
	seen := map[string]bool{}
	for i, token := range tokens {
		id, text, named := strings.Cut(token, ".")
		if !named {
			id, text = "", token
		}
		secret, err := decode(text)
		if err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("key %d of %d is not 32 bytes in base64", i+1, len(tokens))
		}
		k := key{id: keyID(secret), secret: [keySize]byte(secret)}
		if named && id != k.id {
			return nil, fmt.Errorf("key %d of %d does not match its id", i+1, len(tokens))
		}
		if !seen[k.id] {
			seen[k.id] = true
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key in it")
	}
	return keys, nil
}

// decode reads base64 in either alphabet, with or without padding.
func decode(s string) ([]byte, error) {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// write puts keys into a new file beside path, readable by its owner alone, and brings it to path whole: after a
// crash there is the old file or the new one, never half of one.
func write(path string, keys []key, place func(from, to string) error) (err error) {
	defer func() {
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = fault.New(fault.Internal, "seal.key.unwritable").With("path", path).Because(err)
		}
	}()
	var b strings.Builder
	b.WriteString("# Ponte: the keys of this company's secrets, the newest last. Keep a copy apart from the backups.\n")
	for i := range keys {
		b.WriteString(keys[i].id + "." + base64.RawURLEncoding.EncodeToString(keys[i].secret[:]) + "\n")
	}
	f, err := os.CreateTemp(filepath.Dir(path), FileName+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(b.String())
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
