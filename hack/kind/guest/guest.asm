; A guest in one sector. On the serial line: that it is up and its memory above 16 MiB in pieces of 64 KiB; of each disk
; with the mark how often it was booted; then a line a second. The count lies in the second sector of the disk that it boots from, so
; that it shows what became of the disk. It obeys the power button (ACPI PM1, where QEMU's q35 has it).
bits 16
org 0x7c00
COM1    equ 0x3f8
PM1     equ 0x600
BUFFER  equ 0x8000
MARK    equ 0x48545242 ; BRTH

start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        push dx
        mov dx, COM1 + 3 ; 115200 baud, 8N1
        mov al, 0x80
        out dx, al
        mov dx, COM1
        mov al, 1
        out dx, al
        inc dx
        dec ax
        out dx, al
        mov dx, COM1 + 3
        mov al, 3
        out dx, al

        mov si, up
        call print
        mov ax, 0xe801
        int 0x15
        mov ax, bx
        call number

        pop dx
        mov ah, 0x42
        call disk
        cmp dword [BUFFER], MARK
        je count
        mov dword [BUFFER], MARK
        mov word [BUFFER + 4], 0
count:
        inc word [BUFFER + 4]
        mov ax, 0x4300
        call disk

        mov dl, 0x80
disks:
        mov dword [BUFFER], 0
        mov ah, 0x42
        call disk
        cmp dword [BUFFER], MARK
        jne next
        mov si, which
        call print
        mov al, dl
        and al, 7
        add al, '0'
        call letter
        mov si, booted
        call print
        mov ax, [BUFFER + 4]
        call number
next:
        inc dl
        cmp dl, 0x84
        jb disks

        mov dx, PM1 + 2 ; wanted: the power button
        mov ax, 0x100
        out dx, ax
        xor di, di
second:
        inc di
        mov si, tick
        call print
        mov ax, di
        call number
        xor ah, ah
        int 0x1a
        mov bp, dx
wait_on:
        hlt
        mov dx, PM1
        in ax, dx
        test ah, 1
        jnz power
        xor ah, ah
        int 0x1a
        sub dx, bp
        cmp dx, 18
        jb wait_on
        jmp second
power:
        mov ax, 0x100 ; seen
        out dx, ax
        mov si, button
        call print
        mov dx, PM1 + 4
        mov ax, 0x2000 ; off
        out dx, ax
        jmp second

; AH: 0x42 reads, 0x43 writes the second sector of disk DL.
disk:
        push dx
        mov si, packet
        int 0x13
        pop dx
        ret

; AX in decimal, and the line's end.
number:
        push dx
        mov bx, 10
        xor cx, cx
digit:
        xor dx, dx
        div bx
        push dx
        inc cx
        test ax, ax
        jnz digit
put:
        pop ax
        add al, '0'
        call letter
        loop put
        mov si, line
        call print
        pop dx
        ret

print:
        lodsb
        test al, al
        jz printed
        call letter
        jmp print
printed:
        ret

letter:
        push dx
        push ax
        mov dx, COM1 + 5
busy:
        in al, dx
        test al, 0x20
        jz busy
        pop ax
        mov dx, COM1
        out dx, al
        pop dx
        ret

packet  db 16, 0
        dw 1, BUFFER, 0
        dq 1
up      db 13, 10, 'guest up, memory ', 0
which   db 'disk ', 0
booted  db ' boot ', 0
tick    db 'tick ', 0
button  db 'power button', 13, 10, 0
line    db 13, 10, 0

        times 510 - ($ - $$) db 0
        dw 0xaa55
