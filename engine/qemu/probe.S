# A firmware that does, in order, what any operating system does in its
# first moments: protected mode, paging, long mode, timer interrupts while
# halted, user mode at full speed, and a call back into the kernel. Only then
# does it print "SLIPWAY OK" on the first serial port and leave through the
# debug-exit device. A hypervisor that opens but cannot run guests fails
# somewhere on this way, in far less time than a kernel would need to show it.
#
# Built by `go generate`: as, ld and objcopy of binutils.

	.code16
	.section .text, "ax"
	.globl _start
_start:
	cli
	ljmp	$0xf000, $(real - _start)
real:
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	(gdtr - _start)
	mov	%cr0, %eax
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$0x08, $(prot - _start + 0xf0000)

	.code32
prot:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$0x90000, %esp
	# the local APIC on, its first line handing the timer's interrupts through
	movl	$0x1ff, 0xfee000f0
	movl	$0x700, 0xfee00350
	# page tables at 0x1000: the first 2 MiB, for user mode too
	mov	$0x1000, %edi
	xor	%eax, %eax
	mov	$0x1800, %ecx
	cld
	rep stosl
	movl	$0x2007, 0x1000
	movl	$0x3007, 0x2000
	movl	$0x0087, 0x3000
	mov	$0x1000, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	ljmp	$0x18, $(long - _start + 0xf0000)

	.code64
long:
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	# the segment table goes to RAM: loading the task register writes to it
	mov	$(gdt - _start + 0xf0000), %esi
	mov	$0x5000, %edi
	mov	$(gdtend - gdt), %ecx
	rep movsb
	# the task segment at 0x6000, its kernel stack at 0x88000
	movq	$0x88000, 0x6004
	movw	$0x67, 0x6066
	lgdt	gdtr64 - _start + 0xf0000
	mov	$0x30, %eax
	ltr	%ax
	# gates: 0x20 the timer, 0x80 the call from user mode
	mov	$(tick - _start + 0xf0000), %eax
	mov	$0x4200, %edi
	mov	$0x8e, %dl
	call	gate
	mov	$(done - _start + 0xf0000), %eax
	mov	$0x4800, %edi
	mov	$0xee, %dl
	call	gate
	lidt	idtr - _start + 0xf0000
	# interrupt controller: vectors from 0x20, only the timer unmasked
	mov	$0x11, %al
	out	%al, $0x20
	mov	$0x20, %al
	out	%al, $0x21
	mov	$0x04, %al
	out	%al, $0x21
	mov	$0x01, %al
	out	%al, $0x21
	mov	$0xfe, %al
	out	%al, $0x21
	# timer: 1,000 Hz
	mov	$0x34, %al
	out	%al, $0x43
	mov	$0xa9, %al
	out	%al, $0x40
	mov	$0x04, %al
	out	%al, $0x40
	xor	%ebx, %ebx
wait:
	sti
	hlt
	cli
	cmp	$20, %ebx
	jb	wait
	# user mode, interrupts on: 100 million turns, a blink on real hardware
	push	$0x2b
	push	$0x80000
	push	$0x202
	push	$0x23
	push	$(user - _start + 0xf0000)
	iretq
user:
	mov	$100000000, %ecx
1:	dec	%ecx
	jnz	1b
	int	$0x80
2:	jmp	2b

tick:
	push	%rax
	inc	%ebx
	mov	$0x20, %al
	out	%al, $0x20
	pop	%rax
	iretq

done:
	mov	$(text - _start + 0xf0000), %esi
	mov	$0x3f8, %edx
3:	lodsb
	test	%al, %al
	jz	4f
	out	%al, %dx
	jmp	3b
4:	mov	$0x10, %al
	mov	$0xf4, %edx
	out	%al, %dx
5:	hlt
	jmp	5b

# gate: one interrupt gate at edi for the handler at eax, attributes in dl
gate:
	mov	%ax, (%rdi)
	movw	$0x18, 2(%rdi)
	movb	$0, 4(%rdi)
	mov	%dl, 5(%rdi)
	shr	$16, %eax
	mov	%ax, 6(%rdi)
	movq	$0, 8(%rdi)
	ret

text:	.asciz	"SLIPWAY OK\n"

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	# 0x08 code, 32 bits
	.quad	0x00cf93000000ffff	# 0x10 data
	.quad	0x00af9b000000ffff	# 0x18 code, 64 bits
	.quad	0x00affb000000ffff	# 0x20 user code, 64 bits
	.quad	0x00cff3000000ffff	# 0x28 user data
	.quad	0x0000890060000067	# 0x30 task segment at 0x6000
	.quad	0
gdtend:
gdtr:	.word	gdtend - gdt - 1
	.long	gdt - _start + 0xf0000
gdtr64:	.word	gdtend - gdt - 1
	.quad	0x5000
idtr:	.word	0xfff
	.quad	0x4000
