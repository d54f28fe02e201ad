package triage

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io/fs"
	"strings"
)

// packHeader stands before every file of a packed corpus.
const packHeader = "\x1c%s\n"

// PackCorpus packs the Italian and English comments under corpus/ for the program to carry: a model that learns reads
// them again.
func PackCorpus(src fs.FS) ([]byte, error) {
	files, err := corpusFiles(src)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if strings.HasPrefix(f.name, "corpus/"+string(Other)) {
			continue
		}
		if _, err := fmt.Fprintf(z, packHeader, f.name); err != nil {
			return nil, err
		}
		if _, err := z.Write(f.text); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unpackCorpus gives the files of a packed corpus.
func unpackCorpus(b []byte) ([]corpusFile, error) {
	raw, err := unpack(b)
	if err != nil {
		return nil, err
	}
	var all []corpusFile
	for part := range bytes.SplitSeq(raw, []byte{'\x1c'}) {
		if name, text, ok := bytes.Cut(part, []byte{'\n'}); ok {
			all = append(all, corpusFile{name: string(name), text: text})
		}
	}
	return all, nil
}
