package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Source gives settings that were not said on the command line: from the environment, from the files that *_FILE names,
// and from the settings file.
type Source struct {
	env   func(string) (string, bool)
	path  string
	file  map[string]any
	ready bool
}

// NewSource makes a source over an environment, os.LookupEnv in a running house.
func NewSource(env func(string) (string, bool)) *Source { return &Source{env: env} }

// maxFile bounds the settings file and the files of secrets, in bytes.
const maxFile = 1 << 20

// Variable is the name of a flag's variable in the environment.
func Variable(flag string) string {
	return "PONTE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// SetFile says which settings file is meant; else the environment says it.
func (s *Source) SetFile(path string) { s.path = path }

// Find gives the value of a flag; found is false when nothing says it. A secret may also lie in a file that the environment names. Errors: what is wrong with that file or with the
// settings file.
func (s *Source) Find(flag string, secret bool) (value string, found bool, err error) {
	if v, ok := s.env(Variable(flag)); ok && v != "" {
		return v, true, nil
	}
	if secret {
		if path, ok := s.env(Variable(flag) + "_FILE"); ok && path != "" {
			b, err := readFile(path)
			if err != nil {
				return "", false, fault.New(fault.Invalid, "config.secret_file").With("path", path).With("name", Variable(flag)+"_FILE").Because(err)
			}
			return strings.TrimSpace(string(b)), true, nil
		}
	}
	if flag == "config" {
		return "", false, nil
	}
	if err := s.read(); err != nil {
		return "", false, fmt.Errorf("config.Source: %w", err)
	}
	switch v := s.file[flag].(type) {
	case nil:
		return "", false, nil
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, ","), true, nil
	default:
		return fmt.Sprint(v), true, nil
	}
}

// read reads the settings file, once.
func (s *Source) read() error {
	if s.ready {
		return nil
	}
	path := s.path
	if path == "" {
		path, _ = s.env(Variable("config"))
	}
	if path == "" {
		s.ready = true
		return nil
	}
	b, err := readFile(path)
	if err != nil {
		return fault.New(fault.Invalid, "config.file").With("path", path).Because(err)
	}
	var raw map[string]any
	if _, err := toml.Decode(string(b), &raw); err != nil {
		f := fault.New(fault.Invalid, "config.file_broken").With("path", path).With("line", 1).Because(err)
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			f = f.With("line", p.Position.Line)
		}
		return f
	}
	file, names := map[string]any{}, Names()
	var strange []string
	for name, v := range raw {
		flag := strings.ReplaceAll(name, "_", "-")
		_, table := v.(map[string]any)
		if table || !slices.Contains(names, flag) {
			strange = append(strange, name)
			continue
		}
		file[flag] = v
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		return fault.New(fault.Invalid, "config.file_unknown").With("path", path).With("names", strings.Join(strange, ", "))
	}
	s.file, s.ready = file, true
	return nil
}

// readFile reads a small regular file or pipe.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Size() > maxFile {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a small file")}
	}
	return os.ReadFile(path)
}
