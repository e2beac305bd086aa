package live

import (
	"slices"
)

// archiso is the hook archiso of mkinitcpio-archiso, as Arch boots. Sources:
// hooks/archiso, docs/README.bootparams and CHANGELOG.rst of the tags v58 to v73;
// since v65 copytoram is "auto".
var archiso = stack{
	id: "archiso", image: "arch/x86_64/airootfs.sfs", oldest: "58",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs:  func(q Question) (Layout, error) { return archisoTmpfs(q, "copytoram=n") },
		RAM:        archisoRAM,
		Persistent: archisoPersistent,
	},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "its snapshot is of a kind that cannot even be read when it is full", nearest: Overlayfs},
		DMThin:       {why: "it knows no thin pools", nearest: Overlayfs},
		Aufs:         {why: "it mounts an overlayfs and nothing else", nearest: Overlayfs},
	},
	options: archisoOptions,
	maker:   withMkinitcpio,
	home: home{
		modules:  []string{"usr/lib/initcpio/install/archiso", "usr/lib/initcpio/hooks/archiso"},
		packages: []string{"mkinitcpio-archiso"},
		versions: []string{"mkinitcpio-archiso"},
	},
}

func archisoBase(q Question) []string {
	return []string{"archisobasedir=arch", "archisolabel=" + q.Label}
}

// archisoTmpfs: cow_spacesize= is the size= of a tmpfs, and 256M if not said.
// What is copied to RAM does not hang on the machine: copytoram is said.
func archisoTmpfs(q Question, more ...string) (Layout, error) {
	size, word, err := tmpfsSize(q)
	if err != nil {
		return Layout{}, err
	}
	return Layout{Options: append(append(archisoBase(q), more...), "cow_spacesize="+word), Kind: KindTmpfs, Size: size}, nil
}

func archisoRAM(q Question) (Layout, error) {
	l, err := archisoTmpfs(q, "copytoram=y")
	l.InRAM = true
	return l, err
}

// archisoPersistent waits 30 seconds for the file system, and then drops to a
// shell.
func archisoPersistent(q Question) (Layout, error) {
	label := q.Overlay.Label
	if label == "" {
		label = "persistence"
	}
	l := Layout{Options: append(archisoBase(q), "copytoram=n", "cow_label="+label), Kind: KindDisk, Label: label}
	l.warn("overlay-waits", "overlay.strategy", "without a file system "+label+" the boot ends in a shell on the console", "label a partition")
	l.sizeUnused(q, "the file system is as large as it is")
	return l, nil
}

// archisoOptions: docs/README.bootparams.
var archisoOptions = slices.Concat(
	own(ownMedium, "archisobasedir", "archisolabel", "archisodevice", "archisosearchfilename", "archisosearchuuid", "arch"),
	own(ownSource, "archiso_http_srv", "archiso_nfs_srv", "archiso_nbd_srv", "img_dev", "img_label", "img_loop"),
	[]option{
		{name: "copytoram", own: ownRAM},
		{name: "copytoram_size", needs: []string{RAM}, unit: bareBytes},
		{name: "cow_spacesize", own: ownSize, needs: []string{Overlayfs, RAM}, unit: bareBytes},
		{name: "cow_label", own: ownLabel},
		{name: "cow_device", own: ownLabel},
		{name: "cow_directory", needs: onDisk},
		{name: "cow_flags", needs: onDisk},
		{name: "cow_persistent", own: "it is for images with a snapshot"},
		{name: "cow_chunksize", own: "it is for images with a snapshot"},
		{name: "checksum", waits: archisoCheck},
		{name: "verify", waits: archisoCheck},
		{name: "cms_verify", since: "64", waits: archisoCheck},
		{name: "break", waits: always("it opens a shell in the initramfs")}, // mkinitcpio(8)
	})

func archisoCheck(Stack, string) string {
	return "if the image does not pass, it opens a shell on the console"
}
