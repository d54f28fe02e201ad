package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Source gives settings that were not said on the command line: from the environment, from the files that *_FILE names,
// and from the settings file.
type Source struct {
	env   func(string) (string, bool)
	file  map[string]any
	ready bool
	err   error
}

// NewSource makes a source over an environment, os.LookupEnv in a running house.
func NewSource(env func(string) (string, bool)) *Source { return &Source{env: env} }

// maxFile bounds the settings file and the files of secrets, in bytes.
const maxFile = 1 << 20

// Variable is the name of a flag's variable in the environment.
func Variable(flag string) string {
	return "PONTE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Validate implements kong.Resolver.
func (s *Source) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. It never fails itself: Err tells what went wrong, so that it is said as a fault and
// not as wrong use.
func (s *Source) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if s.err != nil || flag.Name == "help" || flag.Tag.Has("said") { // said on the command line or not at all
		return nil, nil
	}
	if v, ok := s.env(Variable(flag.Name)); ok && v != "" {
		return v, nil
	}
	if flag.Tag.Has("secret") {
		if path, ok := s.env(Variable(flag.Name) + "_FILE"); ok && path != "" {
			b, err := readFile(path)
			if err != nil {
				s.err = fault.New(fault.Invalid, "config.secret_file").With("path", path).With("name", Variable(flag.Name)+"_FILE").Because(err)
				return nil, nil
			}
			return strings.TrimSpace(string(b)), nil
		}
	}
	if flag.Name == "config" {
		return nil, nil
	}
	if s.read(ctx); s.err != nil {
		return nil, nil
	}
	switch v := s.file[flag.Name].(type) {
	case nil:
		return nil, nil
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, ","), nil
	default:
		return fmt.Sprint(v), nil
	}
}

// Err is what was wrong with the settings file or a file of a secret, or nil.
func (s *Source) Err() error {
	if s.err == nil {
		return nil
	}
	return fmt.Errorf("config.Source: %w", s.err)
}

// read reads the settings file that the command line or the environment names.
func (s *Source) read(ctx *kong.Context) {
	if s.ready {
		return
	}
	s.ready = true
	path, _ := s.env(Variable("config"))
	for _, flag := range ctx.Flags() {
		if said, ok := ctx.FlagValue(flag).(string); ok && flag.Name == "config" && said != "" {
			path = said
		}
	}
	if path == "" {
		return
	}
	b, err := readFile(path)
	if err != nil {
		s.err = fault.New(fault.Invalid, "config.file").With("path", path).Because(err)
		return
	}
	var raw map[string]any
	if _, err := toml.Decode(string(b), &raw); err != nil {
		f := fault.New(fault.Invalid, "config.file_broken").With("path", path).With("line", 1).Because(err)
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			f = f.With("line", p.Position.Line)
		}
		s.err = f
		return
	}
	s.file = map[string]any{}
	names := Names()
	var strange []string
	for name, v := range raw {
		flag := strings.ReplaceAll(name, "_", "-")
		_, table := v.(map[string]any)
		if table || !slices.Contains(names, flag) {
			strange = append(strange, name)
			continue
		}
		s.file[flag] = v
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		s.err = fault.New(fault.Invalid, "config.file_unknown").With("path", path).With("names", strings.Join(strange, ", "))
	}
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
